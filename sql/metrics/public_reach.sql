-- metric: public_reach
-- label: What the public tier is for
-- question: How far does the public tier reach, what does it cost, and what became something?
-- unit: accounts, calls and the reporting currency
-- grain: one row
-- good: -
-- definition: Accounts of the public tier on the day of the call or cost. Traffic of nobody, calls without a known caller and scanners, is a part of its own, with
--   its own share of the cost. What became something: accounts that left the public tier for another in the period, and those that paid for the first time in it.
-- column accounts: accounts that called, nobody not counted
-- column signed_up: accounts that signed up in the period and are public today
-- column calls: API calls of those accounts
-- column ok: successful ones
-- column nobody_calls: API calls without a known caller
-- column refused: calls of both that were refused
-- column refused_auth: refused for credentials
-- column refused_limit: refused for quota or rate
-- column refused_no_route: refused because no route is there
-- column cost: what those accounts cost
-- column nobody_cost: what traffic of nobody cost
-- column cost_per_account: cost ÷ accounts
-- column moved_up: accounts that left the public tier for open or partner
-- column first_paid: accounts whose first paid bill came while they were public, or in the period after they had been

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until
),

used as (
    select
        count(distinct account_id) filter (where account_id not like 'nobody:%') as accounts,
        sum(calls) filter (where account_id not like 'nobody:%') as calls,
        sum(ok) filter (where account_id not like 'nobody:%') as ok,
        sum(calls) filter (where account_id like 'nobody:%') as nobody_calls,
        sum(refused_auth) as refused_auth,
        sum(refused_quota + refused_rate_limit) as refused_limit,
        sum(refused_no_route) as refused_no_route,
        sum(refused_auth + refused_quota + refused_rate_limit + refused_validation + refused_no_route) as refused
    from account_usage_day
    cross join periods
    where tier = 'public' and surface = 'api' and day >= since and day < until
),

money as (
    select
        sum(cost) filter (where account_id not like 'nobody:%') as cost,
        sum(cost) filter (where account_id like 'nobody:%') as nobody_cost
    from (
        select account_id, coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
            + coalesce(fee_cost_micros, 0) as cost
        from account_money_day
        cross join periods
        where tier = 'public' and day >= since and day < until
    )
),

signed as (
    select count(*) as signed_up
    from account
    cross join periods
    where tier = 'public' and kind <> 'nobody' and cast(signed_up_at as date) >= since and cast(signed_up_at as date) < until
),

moved as (
    select count(distinct account_id) as moved_up
    from (
        select account_id, tier, valid_from, lag(tier) over (partition by account_id order by valid_from) as tier_before
        from account_tier
    )
    cross join periods
    where tier_before = 'public' and tier in ('open', 'partner') and valid_from >= since and valid_from < until
),

paid as (
    select count(*) as first_paid
    from free_account
    join (select distinct account_id from account_tier where tier = 'public') as was_public using (account_id)
    cross join periods
    where outcome = 'paid' and first_paid_on >= since and first_paid_on < until
)

select
    used.accounts,
    signed.signed_up,
    cast(coalesce(used.calls, 0) as bigint) as calls,
    cast(coalesce(used.ok, 0) as bigint) as ok,
    cast(coalesce(used.nobody_calls, 0) as bigint) as nobody_calls,
    cast(coalesce(used.refused, 0) as bigint) as refused,
    cast(coalesce(used.refused_auth, 0) as bigint) as refused_auth,
    cast(coalesce(used.refused_limit, 0) as bigint) as refused_limit,
    cast(coalesce(used.refused_no_route, 0) as bigint) as refused_no_route,
    case when cost_is_known then coalesce(money.cost, 0) / 1000000 end as cost,
    case when cost_is_known then coalesce(money.nobody_cost, 0) / 1000000 end as nobody_cost,
    case when cost_is_known then coalesce(money.cost, 0) / 1000000 / nullif(used.accounts, 0) end as cost_per_account,
    moved.moved_up,
    paid.first_paid
from used, money, signed, moved, paid, money_known
