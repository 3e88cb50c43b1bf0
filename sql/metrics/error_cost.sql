-- metric: error_cost
-- label: What errors cost whom
-- question: Which errors touch which accounts and how much revenue?
-- unit: calls
-- grain: one row a service, route and class of error
-- good: down
-- definition: Calls of the period that failed, errors of ours (5xx) apart from refusals and mistakes of the caller (4xx), with the accounts that
--   they touched and the net revenue of the period of these accounts: what is at stake there, not what was lost. Calls that are not implemented (501) are
--   among the 5xx and also stand under unmet demand. An account counts on each
--   route that failed for it, so the revenue is never to be added up.
-- column error_class: 5xx or 4xx
-- column calls: calls that failed so
-- column share: of the calls of that route
-- column accounts: distinct accounts that they touched
-- column paying_accounts: of them, those that have paid a bill; null without a billing source
-- column revenue_touched: net revenue of the period of these accounts; null without a billing source
-- column p95_ms: 95 % of all the route's calls took no longer, within 2 %

with money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

used as (
    select account_route_span.account_id, service, route, sum(calls) as calls, sum(server_errors) as server_errors, sum(client_errors) as client_errors
    from account_route_span
    join account using (account_id)
    where is_span_of(since, days, $date_from, $date_to)
        and ($tier is null or account.tier = $tier)
        and ($service is null or service = $service)
    group by account_route_span.account_id, service, route
),

totals as (
    select service, route, sum(calls) as calls
    from used
    group by service, route
),

failed as (
    select account_id, service, route, '5xx' as error_class, server_errors as calls from used where server_errors > 0
    union all
    select account_id, service, route, '4xx', client_errors from used where client_errors > 0
),

ranked as (
    select
        service,
        route,
        bin,
        sum(sum(calls)) over (partition by service, route order by bin) as so_far,
        sum(sum(calls)) over (partition by service, route) as whole
    from (
        select latency_day.day, latency_day.service, coalesce(shown_route.shown, latency_day.route) as route, latency_day.bin, latency_day.calls
        from latency_day
        left join shown_route on shown_route.route = latency_day.route
    )
    where ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date))
    group by service, route, bin
),

latency as (
    select service, route, pow(1.02, min(bin) filter (where so_far >= 0.95 * whole) + 0.5) as p95_ms
    from ranked
    group by service, route
),

sums as (
    select
        failed.service,
        failed.route,
        failed.error_class,
        cast(sum(failed.calls) as bigint) as calls,
        count(*) filter (where account.kind <> 'nobody') as accounts,
        count(*) filter (where account.is_payer) as paying_accounts,
        coalesce(sum(money.revenue) filter (where account.kind <> 'nobody' and account.tier <> 'internal'), 0) as revenue
    from failed
    join account using (account_id)
    left join money using (account_id)
    group by failed.service, failed.route, failed.error_class
)

select
    sums.service,
    sums.route,
    sums.error_class,
    sums.calls,
    sums.calls / totals.calls as share,
    sums.accounts,
    case when money_known.has_billing then sums.paying_accounts end as paying_accounts,
    case when money_known.has_billing then sums.revenue / 1000000 end as revenue_touched,
    latency.p95_ms
from sums
cross join money_known
join totals on totals.service is not distinct from sums.service and totals.route = sums.route
left join latency on latency.service is not distinct from sums.service and latency.route = sums.route
order by error_class = '4xx', revenue_touched desc nulls last, sums.calls desc, sums.service, sums.route
