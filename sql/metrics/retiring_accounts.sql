-- metric: retiring_accounts
-- label: Who is still on it
-- question: Which accounts still use what is to be retired?
-- unit: calls
-- grain: one row an account and thing to retire
-- good: down
-- definition: Accounts that called in the period what program.toml wants to retire, the ones that bring the most first.
-- column what: version, service, route or agent
-- column pattern: the values
-- column due_on: by when it is to go
-- column calls: calls to it in the period
-- column share: of all the account's API calls in the period
-- column last_day: the last of them
-- column revenue: the account's net revenue of the period; null without a billing source

with money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

everything as (
    select account_id, sum(calls) as calls
    from account_route_span
    where is_span_of(since, days, $date_from, $date_to)
    group by account_id
),

rules as (
    select position, any_value(what) as what, string_agg(pattern, ', ' order by pattern) as pattern, any_value(due_on) as due_on
    from program_retire
    group by position
),

used as (
    select position, account_id, sum(calls) as calls, max(day) as last_day
    from retiring_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by position, account_id
)

select
    account.account_id,
    account.name,
    account.tier,
    account.is_payer,
    account.owner,
    rules.what,
    rules.pattern,
    rules.due_on,
    cast(used.calls as bigint) as calls,
    least(used.calls / everything.calls, 1) as share,
    used.last_day,
    case when money_known.has_billing and account.tier <> 'internal' then coalesce(money.revenue, 0) / 1000000 end as revenue
from used
join rules using (position)
join account using (account_id)
cross join money_known
left join everything using (account_id)
left join money using (account_id)
where account.kind <> 'nobody' and ($tier is null or account.tier = $tier)
order by revenue desc nulls last, used.calls desc, account.account_id
