-- metric: sla_delivered
-- label: Delivered against contracted
-- question: What did we promise each account, what did we deliver, and how much of the error budget is left?
-- unit: percent, milliseconds or minutes, by the promise
-- grain: one row an account, month and promise
-- good: up
-- definition: Of contracts in force in the month; the strictest where several promise the same. Availability is 1 − (5xx + upstream failures) ÷ calls that reached
--   us; client aborts and 4xx (throttled calls too) are in neither (others count a 4xx as a success, which flatters). Error budget left: (allowed
--   failures − failures) ÷ allowed failures; below zero when it is spent. Latency: the promised quantile of all its calls of the month, within 1 %.
--   First reply: by a person, to tickets opened in the month; one without a reply counts once its time is over, in calendar minutes.
-- column promise: availability, latency or first_reply
-- column quantile: of latency; null for the others
-- column in_progress: whether the month is not over
-- column target: percent, milliseconds or minutes
-- column n: calls that were judged, or tickets
-- column delivered: percent, milliseconds at the quantile, or the median of minutes; null where there were none
-- column p90_minutes: nine of ten first replies came within
-- column within_share: calls or tickets within the target
-- column failures: calls that failed on our side
-- column allowed_failures: how many the promise allows
-- column budget_left: share of them that is left; null where none is allowed or nothing was called
-- column is_kept: whether the promise was kept; null where nothing tells

select
    sla_month.account_id,
    account.name,
    account.tier,
    sla_month.month,
    sla_month.in_progress,
    sla_month.promise,
    sla_month.quantile,
    sla_month.target,
    cast(sla_month.n as bigint) as n,
    sla_month.delivered,
    sla_month.p90_minutes,
    sla_month.within_share,
    cast(sla_month.failures as bigint) as failures,
    sla_month.allowed_failures,
    sla_month.budget_left,
    sla_month.is_kept
from sla_month
join account using (account_id)
where ($account is null or sla_month.account_id in (select account_id from account_alias where alias_id = $account))
    and ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, sla_month.account_id)), lower($search)))
    and ($date_from is null or sla_month.month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or sla_month.month < cast($date_to as date))
order by account.name, sla_month.account_id, sla_month.month desc, sla_month.promise, sla_month.quantile
