-- metric: support_by_account
-- label: Support by account
-- question: Who needs us, how long do they wait, and what does it cost?
-- unit: minutes, tickets and the reporting currency
-- grain: one row an account that opened or solved a ticket in the period, had work done on one, or has an open one
-- good: -
-- definition: As in support by tier, of one account. Accounts are in the tier that they have today, so that an account is one row; tickets of
--   nobody we know are a row of their own.
-- column tickets: opened in the period
-- column tickets_before: opened in the period before
-- column first_reply_n: of those opened, the ones with a first reply; so first_reply_median and first_reply_p90 in calendar minutes
-- column first_reply_business_n: those whose schedule is known; so first_reply_business_median and first_reply_business_p90
-- column solved: last solved in the period, and still so
-- column resolution_n: of those solved, the ones whose opening is known; so resolution_median, resolution_p90 and the same in business minutes
-- column wait_n: of those solved, the ones whose history is known; so wait_median, wait_p90 and the same in business minutes
-- column one_touch: of those solved, the ones that took exactly one public reply
-- column one_touch_share: one_touch ÷ solved
-- column reopened: of those solved, the ones that had been solved before
-- column sla_achieved: promises that began in the period and were kept; so sla_breached and sla_running
-- column sla_attainment: achieved ÷ (achieved + breached)
-- column backlog: its tickets that are neither solved, closed nor deleted
-- column backlog_oldest_days: the age of the oldest
-- column calls: API calls in the period
-- column is_active: whether one of them succeeded
-- column tickets_per_1000_calls: tickets ÷ calls × 1,000
-- column tickets_before_first_call: of those opened, the ones before its first call, or without any; null for nobody
-- column handling_minutes: recorded work, else so many minutes a public reply or note
-- column support_cost: handling minutes × the rate of the ticket's group; null without any rate
-- column cost_per_ticket: support cost ÷ tickets

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

opened as (
    select
        ticket_fact.account_id,
        count(*) filter (where is_now) as tickets,
        count(*) filter (where not is_now) as tickets_before,
        count(first_reply_minutes) filter (where is_now) as first_reply_n,
        median(first_reply_minutes) filter (where is_now) as first_reply_median,
        quantile_cont(first_reply_minutes, 0.9) filter (where is_now) as first_reply_p90,
        count(first_reply_business_minutes) filter (where is_now) as first_reply_business_n,
        median(first_reply_business_minutes) filter (where is_now) as first_reply_business_median,
        quantile_cont(first_reply_business_minutes, 0.9) filter (where is_now) as first_reply_business_p90,
        count(*) filter (where is_now and created_at < coalesce(account.first_call_at, timestamp '9999-12-31')) as before_first_call
    from (select *, day >= since and day < until as is_now from ticket_fact cross join periods) as ticket_fact
    join account using (account_id)
    where is_now or (day >= before_since and day < before_until)
    group by ticket_fact.account_id
),

done as (
    select
        account_id,
        count(*) as solved,
        count(resolution_minutes) as resolution_n,
        median(resolution_minutes) as resolution_median,
        quantile_cont(resolution_minutes, 0.9) as resolution_p90,
        count(resolution_business_minutes) as resolution_business_n,
        median(resolution_business_minutes) as resolution_business_median,
        quantile_cont(resolution_business_minutes, 0.9) as resolution_business_p90,
        count(wait_minutes) as wait_n,
        median(wait_minutes) as wait_median,
        quantile_cont(wait_minutes, 0.9) as wait_p90,
        count(wait_business_minutes) as wait_business_n,
        median(wait_business_minutes) as wait_business_median,
        quantile_cont(wait_business_minutes, 0.9) as wait_business_p90,
        count(*) filter (where one_touch) as one_touch,
        count(*) filter (where reopened > 0) as reopened
    from ticket_fact
    cross join periods
    where is_solved and cast(last_solved_at as date) >= since and cast(last_solved_at as date) < until
    group by account_id
),

promises as (
    select
        account_id,
        count(*) filter (where state = 'achieved') as achieved,
        count(*) filter (where state = 'breached') as breached,
        count(*) filter (where state = 'running') as running
    from sla_clock
    cross join periods
    where cast(applied_at as date) >= since and cast(applied_at as date) < until
    group by account_id
),

backlog as (
    select
        account_id,
        count(*) as backlog,
        max(date_diff('second', created_at, as_of)) / 86400 as oldest_days
    from ticket_fact
    cross join snapshot_info
    where is_open
    group by account_id
),

handled as (
    select account_id, sum(minutes) as minutes, sum(cost_micros) as cost
    from support_day
    cross join periods
    where day >= since and day < until
    group by account_id
),

used as (
    select account_id, sum(calls) as calls, sum(ok) > 0 as is_active
    from account_usage_day
    cross join periods
    where surface = 'api' and day >= since and day < until
    group by account_id
),

costs as (
    select
        account.account_id,
        coalesce(handled.minutes, 0) as minutes,
        case when has_support_rate then coalesce(handled.cost, 0) end as cost
    from account
    cross join money_known
    left join handled using (account_id)
)

select
    account.account_id,
    account.name,
    account.tier,
    coalesce(opened.tickets, 0) as tickets,
    case when before_since is not null then coalesce(opened.tickets_before, 0) end as tickets_before,
    coalesce(opened.first_reply_n, 0) as first_reply_n,
    round(opened.first_reply_median, 1) as first_reply_median,
    round(opened.first_reply_p90, 1) as first_reply_p90,
    coalesce(opened.first_reply_business_n, 0) as first_reply_business_n,
    round(opened.first_reply_business_median, 1) as first_reply_business_median,
    round(opened.first_reply_business_p90, 1) as first_reply_business_p90,
    coalesce(done.solved, 0) as solved,
    coalesce(done.resolution_n, 0) as resolution_n,
    round(done.resolution_median, 1) as resolution_median,
    round(done.resolution_p90, 1) as resolution_p90,
    coalesce(done.resolution_business_n, 0) as resolution_business_n,
    round(done.resolution_business_median, 1) as resolution_business_median,
    round(done.resolution_business_p90, 1) as resolution_business_p90,
    coalesce(done.wait_n, 0) as wait_n,
    round(done.wait_median, 1) as wait_median,
    round(done.wait_p90, 1) as wait_p90,
    coalesce(done.wait_business_n, 0) as wait_business_n,
    round(done.wait_business_median, 1) as wait_business_median,
    round(done.wait_business_p90, 1) as wait_business_p90,
    coalesce(done.one_touch, 0) as one_touch,
    done.one_touch / done.solved as one_touch_share,
    coalesce(done.reopened, 0) as reopened,
    coalesce(promises.achieved, 0) as sla_achieved,
    coalesce(promises.breached, 0) as sla_breached,
    coalesce(promises.running, 0) as sla_running,
    promises.achieved / nullif(promises.achieved + promises.breached, 0) as sla_attainment,
    coalesce(backlog.backlog, 0) as backlog,
    round(backlog.oldest_days, 1) as backlog_oldest_days,
    cast(coalesce(used.calls, 0) as bigint) as calls,
    coalesce(used.is_active, false) as is_active,
    round(coalesce(opened.tickets, 0) * 1000 / nullif(used.calls, 0), 3) as tickets_per_1000_calls,
    case when account.kind <> 'nobody' then coalesce(opened.before_first_call, 0) end as tickets_before_first_call,
    round(costs.minutes, 1) as handling_minutes,
    costs.cost / 1000000 as support_cost,
    round(costs.cost / 1000000 / nullif(opened.tickets, 0), 2) as cost_per_ticket
from account
cross join periods
join costs using (account_id)
left join opened using (account_id)
left join done using (account_id)
left join promises using (account_id)
left join backlog using (account_id)
left join used using (account_id)
where ($tier is null or account.tier = $tier)
    and (opened.tickets > 0 or done.solved > 0 or backlog.backlog > 0 or costs.minutes <> 0)
order by support_cost desc nulls last, tickets desc, account.account_id
