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
        account_plan_day.plan,
        account_id,
        count(*) filter (where is_now) > 0 as is_now,
        sum(calls) filter (where is_now) as calls,
        sum(refused_quota) filter (where is_now) as refused_quota,
        sum(refused_rate_limit) filter (where is_now) as refused_rate_limit,
        sum(refused_quota + refused_rate_limit) filter (where is_before) as refused_before
    from (
        select
            *,
            ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date)) as is_now,
            day >= cast($before_from as date) and day < cast($before_to as date) as is_before
        from account_plan_day
    ) as account_plan_day
    join account using (account_id)
    where (is_now or is_before) and ($tier is null or account.tier = $tier) and ($service is null or service = $service)
    group by account_plan_day.plan, account_id
),

sums as (
    select
        plan,
        count(*) filter (where is_now) as accounts,
        count(*) filter (where refused_quota + refused_rate_limit > 0) as refused_accounts,
        cast(coalesce(sum(calls), 0) as bigint) as calls,
        cast(coalesce(sum(refused_quota), 0) as bigint) as refused_quota,
        cast(coalesce(sum(refused_rate_limit), 0) as bigint) as refused_rate,
        cast(coalesce(sum(refused_before), 0) as bigint) as refused_before
    from used
    group by plan
    having count(*) filter (where is_now) > 0
),

plans as (
    select plan, any_value(position) as position, any_value(next_plan) as next_plan, any_value(next_unit_price) as next_unit_price
    from caller_plan
    group by plan
)

select
    sums.plan,
    plans.position,
    sums.accounts,
    sums.refused_accounts,
    sums.calls,
    sums.refused_quota,
    sums.refused_rate,
    (sums.refused_quota + sums.refused_rate) / nullif(sums.calls, 0) as refused_share,
    case when $before_from is not null then sums.refused_before end as refused_before,
    plans.next_plan,
    plans.next_unit_price,
    (sums.refused_quota + sums.refused_rate) * plans.next_unit_price as refused_revenue
from sums
left join plans using (plan)
order by plans.position nulls last
