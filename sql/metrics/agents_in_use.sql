-- metric: agents_in_use
-- label: SDKs and clients in use
-- question: With which programs do they call, and by whom are the old ones used?
-- unit: calls
-- grain: one row a program and version
-- good: -
-- definition: API calls of the period by the program that their user agent begins with and its version: an SDK, an HTTP library, a browser. The
--   user agent is what the caller says, and many SDKs send their HTTP library's. Null where the log has none.
-- column agent: the program; browser for all browsers
-- column version: its version, as far as three numbers
-- column calls: calls
-- column accounts: distinct accounts
-- column only_accounts: of them, accounts that used no other program or version in the period
-- column paying_accounts: of them, accounts that have paid a bill; null without a billing source
-- column revenue_touched: net revenue of the period of these accounts; it counts an account in each program or version that it uses
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
        account_id,
        agent,
        version,
        coalesce(sum(calls) filter (where is_now), 0) as calls,
        coalesce(sum(calls) filter (where not is_now), 0) as calls_before,
        max(last_day) filter (where is_now) as last_day
    from (
        select *, true as is_now
        from account_agent_span
        where is_span_of(since, days, $date_from, $date_to)

        union all

        select *, false as is_now
        from account_agent_span
        where $before_from is not null and $before_to is not null and is_span_of(since, days, $before_from, $before_to)
    )
    join account using (account_id)
    where ($tier is null or account.tier = $tier) and ($service is null or service = $service)
    group by account_id, agent, version
),

counted as (
    select *, count(*) filter (where calls > 0) over (partition by account_id) as agents
    from used
)

select
    counted.agent,
    counted.version,
    cast(sum(counted.calls) as bigint) as calls,
    count(*) filter (where counted.calls > 0 and account.kind <> 'nobody') as accounts,
    count(*) filter (where counted.calls > 0 and account.kind <> 'nobody' and counted.agents = 1) as only_accounts,
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
group by counted.agent, counted.version
having sum(counted.calls) > 0
order by accounts desc, calls desc, counted.agent, counted.version
limit 300
