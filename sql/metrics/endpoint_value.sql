-- metric: endpoint_value
-- label: Value of endpoints
-- question: Which endpoints carry the money, grow or die, and reach how many?
-- unit: the reporting currency
-- grain: one row a service and route, and one for revenue that no successful call shares
-- good: up
-- definition: The net revenue of each account in the period (paid bills net of tax, refunds and disputes), shared over the routes that it used in
--   proportion to its successful calls there in the period, in whole millionths, so that the rows add up to the revenue of the accounts. What
--   accounts without a successful call paid, and bills of nobody we know, is a row of its own. Calls are not all worth the same: the split by calls
--   is a convention. Internal teams bring no revenue. Monitors, our own tests and probes' routes are left out. With one service chosen
--   only its routes are shown. Revenue touched counts the whole revenue of every account that uses the route: what is at stake
--   there, never to be added up.
-- column calls: calls
-- column ok: answered with 2xx or 3xx
-- column accounts: distinct accounts that were answered there
-- column paying_accounts: of them, those that have paid a bill; null without a billing source
-- column write_share: (POST + PUT + PATCH + DELETE) ÷ calls
-- column revenue: shared revenue; null without a billing source
-- column revenue_touched: revenue of all accounts that use it
-- column client_errors: answered with 4xx
-- column server_errors: answered with 5xx
-- column calls_before: calls in the period to compare with
-- column accounts_before: accounts answered there in it
-- column growth: calls against those before, relative; -1 where nobody calls any more, null where nobody did before
-- column p50_ms: half of the calls took no longer, within 2 %
-- column p95_ms: 95 % took no longer
-- column versions: API versions that its paths name

with money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

used as (
    select
        account_id,
        service,
        route,
        sum(calls) as calls,
        sum(ok) as ok,
        sum(writes) as writes,
        sum(client_errors) as client_errors,
        sum(server_errors) as server_errors,
        sum(calls_before) as calls_before,
        sum(ok_before) as ok_before
    from (
        select account_id, service, route, calls, ok, writes, client_errors, server_errors, 0 as calls_before, 0 as ok_before
        from account_route_span
        where is_span_of(since, days, $date_from, $date_to)

        union all

        select account_id, service, route, 0, 0, 0, 0, 0, calls, ok
        from account_route_span
        where $before_from is not null and $before_to is not null and is_span_of(since, days, $before_from, $before_to)
    )
    group by account_id, service, route
),

worth as (
    select
        account.account_id,
        account.tier,
        account.is_payer,
        account.kind,
        case when money_known.has_billing and account.tier <> 'internal' then cast(coalesce(money.revenue, 0) as hugeint) end as revenue
    from account
    cross join money_known
    left join money using (account_id)
    where $tier is null or account.tier = $tier
),

-- each gets what its calls and those before them come to, less what those before them come to: whole millionths that add up
parts as (
    select
        used.*,
        worth.is_payer,
        worth.kind,
        if(worth.kind = 'nobody', null, worth.revenue) as revenue,
        sum(used.ok) over through as so_far,
        sum(used.ok) over (partition by used.account_id) as whole
    from used
    join worth using (account_id)
    window through as (partition by used.account_id order by used.service, used.route rows unbounded preceding)
),

shared as (
    select
        *,
        case when whole > 0 and revenue is not null then
            round(cast(revenue * so_far as double) / whole) - round(cast(revenue * (so_far - ok) as double) / whole)
        end as part
    from parts
),

rest as (
    select sum(worth.revenue) as revenue, count(*) filter (where worth.revenue <> 0) as accounts
    from worth
    where worth.kind = 'nobody' or worth.account_id not in (select account_id from used where ok > 0)
),

bins as (
    select service, coalesce(shown_route.shown, latency_day.route) as route, bin, sum(calls) as calls
    from latency_day
    left join shown_route on shown_route.route = latency_day.route
    where ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date))
    group by all
),

ranked as (
    select
        service,
        route,
        bin,
        sum(calls) over (partition by service, route order by bin) as so_far,
        sum(calls) over (partition by service, route) as whole
    from bins
),

latency as (
    select
        service,
        route,
        pow(1.02, min(bin) filter (where so_far >= 0.5 * whole) + 0.5) as p50_ms,
        pow(1.02, min(bin) filter (where so_far >= 0.95 * whole) + 0.5) as p95_ms
    from ranked
    group by service, route
),

versions as (
    select service, route, string_agg(version, ', ' order by version) as versions
    from (
        select distinct service, route, version
        from account_route_span
        join worth using (account_id)
        where is_span_of(since, days, $date_from, $date_to) and version is not null
    )
    group by service, route
),

routes as (
    select
        service,
        route,
        cast(sum(calls) as bigint) as calls,
        cast(sum(ok) as bigint) as ok,
        count(*) filter (where ok > 0 and kind <> 'nobody') as accounts,
        count(*) filter (where ok > 0 and is_payer) as paying_accounts,
        sum(writes) / nullif(sum(calls), 0) as write_share,
        cast(coalesce(sum(part), 0) as bigint) as revenue,
        cast(coalesce(sum(revenue) filter (where ok > 0), 0) as bigint) as revenue_touched,
        cast(sum(client_errors) as bigint) as client_errors,
        cast(sum(server_errors) as bigint) as server_errors,
        cast(sum(calls_before) as bigint) as calls_before,
        count(*) filter (where ok_before > 0 and kind <> 'nobody') as accounts_before
    from shared
    group by service, route
    having sum(calls) > 0 or sum(calls_before) > 0

    union all

    select null, null, 0, 0, coalesce(accounts, 0), null, null, cast(revenue as bigint), null, null, null, null, null
    from rest
    where revenue <> 0 and $service is null
)

select
    routes.service,
    routes.route,
    routes.calls,
    routes.ok,
    routes.accounts,
    case when money_known.has_billing then routes.paying_accounts end as paying_accounts,
    routes.write_share,
    case when money_known.has_billing then routes.revenue / 1000000 end as revenue,
    case when money_known.has_billing then routes.revenue_touched / 1000000 end as revenue_touched,
    routes.client_errors,
    routes.server_errors,
    case when $before_from is not null then routes.calls_before end as calls_before,
    case when $before_from is not null then routes.accounts_before end as accounts_before,
    case when $before_from is not null then (routes.calls - routes.calls_before) / nullif(routes.calls_before, 0) end as growth,
    latency.p50_ms,
    latency.p95_ms,
    case when routes.route is not null then coalesce(versions.versions, '') end as versions
from routes
cross join money_known
left join latency on latency.service is not distinct from routes.service and latency.route = routes.route
left join versions on versions.service is not distinct from routes.service and versions.route = routes.route
where $service is null or routes.service = $service
order by routes.route is null, revenue desc nulls last, routes.calls desc, routes.service, routes.route
