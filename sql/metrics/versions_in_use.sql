-- metric: versions_in_use
-- label: API versions in use
-- question: Which versions of the API are in use, and by whom?
-- unit: calls
-- grain: one row a service and version
-- good: -
-- definition: API calls of the period by the version that their path names (/v1, /v2). A version in a header or a parameter is not in these logs
--   and cannot be known; such calls stand without one.
-- column version: the version; null where the path names none
-- column calls: calls
-- column ok: of them, those that were answered with 2xx or 3xx
-- column accounts: distinct accounts
-- column only_accounts: of them, accounts that used no other version of the service in the period
-- column paying_accounts: of them, accounts that have paid a bill; null without a billing source
-- column revenue_touched: net revenue of the period of these accounts; it counts an account in each version of the service that it uses
-- column calls_before: calls in the period to compare with
-- column last_day: last called in the period

with money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

used as (
    select
        used_in.account_id,
        service,
        version,
        coalesce(sum(calls) filter (where is_now), 0) as calls,
        coalesce(sum(ok) filter (where is_now), 0) as ok,
        coalesce(sum(calls) filter (where not is_now), 0) as calls_before,
        max(last_day) filter (where is_now) as last_day
    from (
        select *, true as is_now
        from account_route_span
        where is_span_of(since, days, $date_from, $date_to)

        union all

        select *, false as is_now
        from account_route_span
        where $before_from is not null and $before_to is not null and is_span_of(since, days, $before_from, $before_to)
    ) as used_in
    join account using (account_id)
    where ($tier is null or account.tier = $tier) and ($service is null or service = $service)
    group by used_in.account_id, service, version
),

counted as (
    select *, count(*) filter (where calls > 0) over (partition by account_id, service) as versions
    from used
)

select
    counted.service,
    counted.version,
    cast(sum(counted.calls) as bigint) as calls,
    cast(sum(counted.ok) as bigint) as ok,
    count(*) filter (where counted.calls > 0 and account.kind <> 'nobody') as accounts,
    count(*) filter (where counted.calls > 0 and account.kind <> 'nobody' and counted.versions = 1) as only_accounts,
    case when any_value(money_known.has_billing) then count(*) filter (where counted.calls > 0 and account.is_payer) end as paying_accounts,
    case when any_value(money_known.has_billing) then
        coalesce(sum(money.revenue) filter (where counted.calls > 0 and account.kind <> 'nobody' and account.tier <> 'internal'), 0) / 1000000
    end as revenue_touched,
    case when $before_from is not null then cast(sum(counted.calls_before) as bigint) end as calls_before,
    max(counted.last_day) as last_day
from counted
join account using (account_id)
cross join money_known
left join money using (account_id)
group by counted.service, counted.version
having sum(counted.calls) > 0
order by counted.service nulls last, counted.version
