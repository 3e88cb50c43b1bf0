-- metric: stalled
-- label: Stalled accounts
-- question: Who is stuck, why, what is it worth, and whose move is it?
-- unit: rows
-- grain: one row a stalled account
-- good: down
-- definition: An account is stalled when it has stood in its stage longer than three of four of its tier's accounts that moved on (where fewer than
--   30 did: the days set in program.toml); one that pays has come through and is none. The reason is the first rule that its last 14 days of activity satisfy.
--   Value at risk: median first-year revenue of the tier's payers × share of those at this stage that went on to pay.
-- column days: days in the stage
-- column threshold_days: after how many it counts as stalled
-- column reason: the first reason that holds
-- column secondary: the other reasons that hold, as a list
-- column evidence: what shows it
-- column value_at_risk: in the reporting currency; null where too few have paid to tell
-- column owner: who of ours looks after the account
-- column next_action: what to do
-- column whose_move: which of us should do it

select
    stall.account_id,
    account.name,
    stall.tier,
    stall.stage,
    round(stall.days, 1) as days,
    round(stall.threshold_days, 1) as threshold_days,
    stall.threshold_basis,
    stall.reason,
    stall.reason_label,
    stall.secondary_reasons as secondary,
    stall.evidence,
    stall.value_at_risk_micros / 1000000 as value_at_risk,
    stall.owner,
    stall.next_action,
    stall.whose_move
from stall
join account using (account_id)
where stall.stalled
    and ($tier is null or stall.tier = $tier)
    and ($stage is null or stall.stage = $stage)
    and ($reason is null or stall.reason = $reason)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, stall.account_id)), lower($search)))
order by stall.value_at_risk_micros desc nulls last, stall.days desc, stall.account_id
