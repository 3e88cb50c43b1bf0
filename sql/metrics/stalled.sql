-- metric: stalled
-- label: Stalled accounts
-- question: Who is stuck, why, what is it worth, and whose move is it?
-- unit: rows
-- grain: one row a stalled account
-- good: down
-- definition: An account is stalled when it has stood in its stage longer than three of four of its tier's accounts that moved on (where fewer than
--   30 did: the days set in program.toml); one that pays has come through and is none. The reason is the first rule that its last 14 days of activity satisfy.
--   Value at risk: median first-year revenue of the tier's payers × share of those at this stage that went on to pay.
--   The owner is whom a person named, else the contract's or opportunity's, else by the first rule of program.toml that holds. What is due when is as
--   decided; undecided it is what the reason proposes, within its days from the day on which the account became stalled, or was contacted.
-- column days: days in the stage
-- column threshold_days: after how many it counts as stalled
-- column reason: the first reason that holds
-- column secondary: the other reasons that hold, as a list
-- column evidence: what shows it
-- column value_at_risk: in the reporting currency; null where too few have paid to tell
-- column owner: who of ours looks after the account
-- column named_by: person, contract, opportunity or rule
-- column status: open, contacted, waiting, won_back or given_up
-- column next_action: what to do
-- column whose_move: which of us should do it
-- column due_on: until when; null where nothing is left to do
-- column overdue: due before the snapshot's day
-- column contacted_at: the last contact
-- column notes: how many notes there are about it

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
    work_item.owner,
    work_item.named_by,
    work_item.status,
    work_item.next_action,
    stall.whose_move,
    work_item.due_on,
    coalesce(work_item.due_on < (select cast(as_of as date) from snapshot_info), false) as overdue,
    work_item.contacted_at,
    work_item.notes
from stall
join account using (account_id)
join work_item using (account_id)
where stall.stalled
    and ($tier is null or stall.tier = $tier)
    and ($stage is null or stall.stage = $stage)
    and ($reason is null or stall.reason = $reason)
    and ($owner is null or lower(work_item.owner) = lower($owner) or ($owner = 'nobody' and work_item.owner is null))
    and ($status is null or work_item.status = $status)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, stall.account_id)), lower($search)))
order by stall.value_at_risk_micros desc nulls last, stall.days desc, stall.account_id
