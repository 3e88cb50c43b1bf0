-- metric: trouble_accounts
-- label: Whom errors and waiting touch
-- question: Which accounts had our errors, or wait the longest?
-- unit: calls
-- grain: one row an account with calls in the period
-- good: down
-- definition: Calls of each account in the period, its 5xx and 4xx apart, and the time within which 95 % of its calls were answered (over the months
--   that the period touches, within 2 %), beside that of all accounts.
-- column calls: calls
-- column server_errors: answered with 5xx
-- column server_share: 5xx ÷ calls
-- column client_errors: answered with 4xx
-- column client_share: 4xx ÷ calls
-- column p95_ms: 95 % of its calls took no longer; null where the log says no time
-- column p95_all_ms: the same over all callers
-- column revenue: net revenue of the period; null without a billing source, and of internal teams

with money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

used as (
    select account_id, sum(calls) as calls, sum(server_errors) as server_errors, sum(client_errors) as client_errors
    from account_route_span
    where is_span_of(since, days, $date_from, $date_to)
        and ($service is null or service = $service)
    group by account_id
),

bins as (
    select account_id, bin, sum(calls) as calls
    from account_slow_month
    where ($date_from is null or month >= date_trunc('month', cast($date_from as date)))
        and ($date_to is null or month < cast($date_to as date))
    group by account_id, bin
),

ranked as (
    select
        account_id,
        bin,
        sum(calls) over (partition by account_id order by bin) as so_far,
        sum(calls) over (partition by account_id) as whole
    from bins
),

slow as (
    select account_id, pow(1.02, min(bin) filter (where so_far >= 0.95 * whole) + 0.5) as p95_ms
    from ranked
    group by account_id
)

select
    account.account_id,
    account.name,
    account.tier,
    account.is_payer,
    account.owner,
    cast(used.calls as bigint) as calls,
    cast(used.server_errors as bigint) as server_errors,
    used.server_errors / used.calls as server_share,
    cast(used.client_errors as bigint) as client_errors,
    used.client_errors / used.calls as client_share,
    slow.p95_ms,
    (select p95_ms from slow where account_id is null) as p95_all_ms,
    case when money_known.has_billing and account.tier <> 'internal' then coalesce(money.revenue, 0) / 1000000 end as revenue
from used
join account using (account_id)
cross join money_known
left join slow using (account_id)
left join money using (account_id)
where account.kind <> 'nobody' and ($tier is null or account.tier = $tier)
order by used.server_errors > 0 desc, revenue desc nulls last, used.server_errors desc, account.account_id
