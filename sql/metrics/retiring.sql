-- metric: retiring
-- label: Still on what is to be retired
-- question: How much revenue is still on what we want to take out of use?
-- unit: the reporting currency
-- grain: one row a [[retire]] of program.toml
-- good: down
-- definition: What program.toml wants to retire, who still calls it in the period, and the net revenue of the period of these accounts: at stake if it
--   were switched off today. An account on two of them counts in both.
-- column position: its place in program.toml
-- column what: version, service, route or agent
-- column pattern: the values
-- column due_on: by when it is to go; null where program.toml says none
-- column instead: what to use
-- column calls: calls in the period
-- column calls_before: calls in the period to compare with
-- column accounts: accounts that still call it
-- column paying_accounts: of them, those that have paid a bill; null without a billing source
-- column revenue: their net revenue of the period; null without a billing source
-- column last_day: last called

with money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

rules as (
    select position, any_value(what) as what, string_agg(pattern, ', ' order by pattern) as pattern, any_value(due_on) as due_on, any_value(instead) as instead
    from program_retire
    group by position
),

used as (
    select
        retiring_day.position,
        retiring_day.account_id,
        coalesce(sum(calls) filter (
            where ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date))
        ), 0) as calls,
        coalesce(sum(calls) filter (where day >= cast($before_from as date) and day < cast($before_to as date)), 0) as calls_before,
        max(day) as last_day
    from retiring_day
    join account using (account_id)
    where $tier is null or account.tier = $tier
    group by retiring_day.position, retiring_day.account_id
),

sums as (
    select
        used.position,
        sum(used.calls) as calls,
        sum(used.calls_before) as calls_before,
        count(*) filter (where used.calls > 0 and account.kind <> 'nobody') as accounts,
        count(*) filter (where used.calls > 0 and account.is_payer) as paying_accounts,
        coalesce(sum(money.revenue) filter (where used.calls > 0 and account.kind <> 'nobody' and account.tier <> 'internal'), 0) as revenue,
        max(used.last_day) as last_day
    from used
    join account using (account_id)
    left join money using (account_id)
    group by used.position
)

select
    rules.position,
    rules.what,
    rules.pattern,
    rules.due_on,
    rules.instead,
    cast(coalesce(sums.calls, 0) as bigint) as calls,
    case when $before_from is not null then cast(coalesce(sums.calls_before, 0) as bigint) end as calls_before,
    coalesce(sums.accounts, 0) as accounts,
    case when money_known.has_billing then coalesce(sums.paying_accounts, 0) end as paying_accounts,
    case when money_known.has_billing then coalesce(sums.revenue, 0) / 1000000 end as revenue,
    sums.last_day
from rules
cross join money_known
left join sums using (position)
order by revenue desc nulls last, rules.position
