-- metric: refusals_by_plan
-- label: Refusals by plan
-- question: Who is turned away by the limits of which plan, and what might it be worth?
-- unit: calls
-- grain: one row a plan, and one for callers of whom no plan is known
-- good: down
-- definition: API calls of the period answered with 429, by the highest plan of the caller: over a quota (a long window) apart from over a rate. Refused
--   revenue = refused calls × the unit price of the next plan above that costs something (its monthly price ÷ the calls that it includes). It is
--   an upper bound: clients try again, and not everyone would pay. Null where that plan has no price or its calls are not known.
-- column plan: the plan by its name in program.toml; null where none is known
-- column position: its place, from the lowest
-- column accounts: accounts that called on it
-- column refused_accounts: of them, those that were refused
-- column calls: calls
-- column refused_quota: refused over a quota
-- column refused_rate: refused over a rate
-- column refused_share: refused ÷ calls
-- column refused_before: refused in the period to compare with
-- column next_plan: the next plan above that costs something
-- column next_unit_price: what a call costs on it
-- column refused_revenue: refused × that price, at the most

with used as (
    select
        caller_plan.plan,
        caller_plan.position,
        caller_plan.next_plan,
        caller_plan.next_unit_price,
        caller_account.account_id,
        usage_day.calls,
        usage_day.refused_quota,
        usage_day.refused_rate_limit,
        ($date_from is null or usage_day.day >= cast($date_from as date)) and ($date_to is null or usage_day.day < cast($date_to as date)) as is_now,
        usage_day.day >= cast($before_from as date) and usage_day.day < cast($before_to as date) as is_before
    from usage_day
    join caller_account using (caller_id)
    join account using (account_id)
    anti join test_caller using (caller_id)
    left join caller_plan using (caller_id)
    where usage_day.surface = 'api'
        and ($tier is null or account.tier = $tier)
        and ($service is null or usage_day.service = $service)
)

select
    plan,
    any_value(position) as position,
    count(distinct account_id) filter (where is_now) as accounts,
    count(distinct account_id) filter (where is_now and refused_quota + refused_rate_limit > 0) as refused_accounts,
    cast(coalesce(sum(calls) filter (where is_now), 0) as bigint) as calls,
    cast(coalesce(sum(refused_quota) filter (where is_now), 0) as bigint) as refused_quota,
    cast(coalesce(sum(refused_rate_limit) filter (where is_now), 0) as bigint) as refused_rate,
    sum(refused_quota + refused_rate_limit) filter (where is_now) / nullif(sum(calls) filter (where is_now), 0) as refused_share,
    case when $before_from is not null then cast(coalesce(sum(refused_quota + refused_rate_limit) filter (where is_before), 0) as bigint) end
        as refused_before,
    any_value(next_plan) as next_plan,
    any_value(next_unit_price) as next_unit_price,
    cast(coalesce(sum(refused_quota + refused_rate_limit) filter (where is_now), 0) as bigint) * any_value(next_unit_price) as refused_revenue
from used
group by plan
having count(*) filter (where is_now) > 0
order by position nulls last
