-- metric: stall_reasons
-- label: Why they stall
-- question: Which reasons hold most accounts back, and where?
-- unit: accounts
-- grain: one row a tier, stage and reason
-- good: down
-- definition: Stalled accounts by their first reason. An account counts once; its secondary reasons are in the list of stalled accounts.
-- column reason: the reason's name
-- column reason_label: the reason in words
-- column accounts: stalled accounts with it
-- column value_at_risk: in the reporting currency; null where it is not known for any of them

select
    tier,
    stage,
    reason,
    reason_label,
    count(*) as accounts,
    sum(value_at_risk_micros) / 1000000 as value_at_risk
from stall
where stalled and ($tier is null or tier = $tier) and ($stage is null or stage = $stage)
group by tier, stage, reason, reason_label
order by accounts desc, tier, stage, reason
