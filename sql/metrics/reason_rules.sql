-- metric: reason_rules
-- label: Rules for the reasons of stalls
-- question: In what order are reasons tried, and how many stalled accounts does each hold today?
-- unit: accounts
-- grain: one row a reason, in the order of the rules
-- good: -
-- definition: The rules of stall_reasons.toml by which the snapshot was built: the home's own file, or the usual one. An account's reason is the first
--   that holds for it; those that hold after it are secondary.
-- column position: its place in the file; the first that holds counts
-- column reason: the reason's name
-- column reason_label: the reason in words
-- column condition: what must hold, over the facts of an account
-- column evidence: what is said of an account for which it holds, with facts in braces
-- column next_action: what to do
-- column whose_move: which of us should do it
-- column due_days: within how many days
-- column accounts: stalled accounts whose reason it is
-- column secondary_accounts: stalled accounts for which it holds beside their reason

with held as (
    select stall_reason.reason, count(*) as accounts
    from stall_reason
    join stall using (account_id)
    where stall_reason.is_now and stall.stalled and ($tier is null or stall.tier = $tier)
    group by stall_reason.reason
),

firsts as (
    select reason, count(*) as accounts
    from stall
    where stalled and ($tier is null or tier = $tier)
    group by reason
)

select
    reason.position,
    reason.reason,
    reason.label as reason_label,
    reason.condition,
    reason.evidence,
    reason.next_action,
    reason.whose_move,
    reason.due_days,
    coalesce(firsts.accounts, 0) as accounts,
    case when reason.is_rest then 0 else coalesce(held.accounts, 0) - coalesce(firsts.accounts, 0) end as secondary_accounts
from reason
left join held using (reason)
left join firsts using (reason)
order by reason.position
