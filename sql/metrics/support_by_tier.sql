-- metric: support_by_tier
-- label: Support by tier
-- question: How long do they wait for us, how often do they need us, and what does it cost?
-- unit: minutes, tickets and the reporting currency
-- grain: one row a tier, and one for all of them together (tier: all)
-- good: down
-- definition: Waiting for a first reply is from a ticket's opening to the first public reply of a person of ours: notes, robots and the text that
--   a ticket of ours opens with do not count (Zendesk's own reply time counts robots that write as agents). Resolution is to the last solve, so a
--   reopened ticket counts on (others take the first). The requester waits while a ticket is new, open or on hold. First replies, load and promises are
--   those of tickets opened in the period; resolution, wait and one-touch of tickets solved in it, so that the young do not look quick. Business time
--   counts the hours of the schedule that a ticket had, in its time zone, without holidays. A promise that still runs is neither kept nor broken.
-- column tier: the account's tier on the day on which the ticket was opened; for calls, minutes and cost the tier on their day
-- column tickets: opened in the period; so tickets_before in the period before
-- column accounts: known accounts that opened them
-- column unanswered: of those opened, the open ones without a first reply
-- column first_reply_n: of those opened, the ones with a first reply
-- column first_reply_median: calendar minutes; half of them waited no longer
-- column first_reply_p90: nine of ten waited no longer
-- column first_reply_business_n: those whose schedule is known
-- column first_reply_business_median: the same in business minutes; so first_reply_business_p90
-- column solved: last solved in the period, and still so
-- column solved_undated: solved tickets, of any time, whose history nobody tells: they are in no period
-- column resolution_n: of those solved, the ones whose opening is known; so resolution_median, resolution_p90 and the same in business minutes
-- column wait_n: of those solved, the ones whose history is known; so wait_median, wait_p90 and the same in business minutes
-- column one_touch: of those solved, the ones that took exactly one public reply
-- column one_touch_share: one_touch ÷ solved
-- column reopened: of those solved, the ones that had been solved before
-- column sla_achieved: promises of tickets that began in the period and were kept
-- column sla_breached: those that were broken
-- column sla_running: those that still run; in neither
-- column sla_attainment: achieved ÷ (achieved + breached)
-- column backlog: tickets that are neither solved, closed nor deleted, whenever they were opened; backlog_before: at the end of the period before
-- column backlog_median_days: half of them are no older; backlog_oldest_days is the age of the oldest
-- column calls: API calls in the period
-- column active_accounts: known accounts with at least one successful call in it
-- column tickets_per_1000_calls: tickets ÷ calls × 1,000
-- column tickets_per_active_account: tickets ÷ active accounts
-- column tickets_before_first_call: of those opened by known accounts, the ones before the account's first call, or without any
-- column handling_minutes: recorded work, else so many minutes a public reply or note, on the day of the work
-- column recorded_minutes: the part of them that somebody recorded
-- column support_cost: handling minutes × the rate of the ticket's group; null without any rate
-- column cost_per_ticket: support cost ÷ tickets
-- column unpriced_reason: what is missing and why; null where nothing is

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

tiers as (
    select *
    from (values (1, 'internal'), (2, 'partner'), (3, 'open'), (4, 'public'), (5, 'all')) as tiers (place, tier)
    where $tier is null or tier = $tier
),

tickets as (
    select
        ticket_fact.* exclude (tier),
        unnest([ticket_fact.tier, 'all']) as tier,
        cast(ticket_fact.last_solved_at as date) as solved_on,
        account.kind <> 'nobody' as is_known,
        ticket_fact.created_at < coalesce(account.first_call_at, timestamp '9999-12-31') as is_before_first_call
    from ticket_fact
    left join account using (account_id)
),

opened as (
    select
        tier,
        day >= since and day < until as is_now,
        count(*) as tickets,
        count(distinct account_id) filter (where is_known) as accounts,
        count(*) filter (where is_open and first_public_reply_at is null) as unanswered,
        count(first_reply_minutes) as first_reply_n,
        median(first_reply_minutes) as first_reply_median,
        quantile_cont(first_reply_minutes, 0.9) as first_reply_p90,
        count(first_reply_business_minutes) as first_reply_business_n,
        median(first_reply_business_minutes) as first_reply_business_median,
        quantile_cont(first_reply_business_minutes, 0.9) as first_reply_business_p90,
        count(*) filter (where is_known and is_before_first_call) as tickets_before_first_call
    from tickets
    cross join periods
    where (day >= since and day < until) or (day >= before_since and day < before_until)
    group by tier, is_now
),

done as (
    select
        tier,
        solved_on >= since and solved_on < until as is_now,
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
    from tickets
    cross join periods
    where is_solved and ((solved_on >= since and solved_on < until) or (solved_on >= before_since and solved_on < before_until))
    group by tier, is_now
),

promises as (
    select
        tier,
        applied_on >= since and applied_on < until as is_now,
        count(*) filter (where state = 'achieved') as achieved,
        count(*) filter (where state = 'breached') as breached,
        count(*) filter (where state = 'running') as running
    from (select state, cast(applied_at as date) as applied_on, unnest([tier, 'all']) as tier from sla_clock)
    cross join periods
    where (applied_on >= since and applied_on < until) or (applied_on >= before_since and applied_on < before_until)
    group by tier, is_now
),

backlog as (
    select
        tier,
        count(*) filter (where is_open) as backlog,
        median(date_diff('second', created_at, as_of)) filter (where is_open) / 86400 as median_days,
        max(date_diff('second', created_at, as_of)) filter (where is_open) / 86400 as oldest_days,
        count(*) filter (where is_solved and last_solved_at is null) as solved_undated
    from tickets
    cross join snapshot_info
    group by tier
),

-- an open ticket whose history nobody tells has been open since it was opened
backlog_then as (
    select tickets.tier, count(distinct (tickets.source, tickets.ticket_id)) as backlog
    from tickets
    cross join periods
    left join ticket_status on ticket_status.source = tickets.source and ticket_status.ticket_id = tickets.ticket_id
        and not ticket_status.is_solved and ticket_status.since < before_until and ticket_status.until >= before_until
    where ticket_status.ticket_id is not null
        or (tickets.is_open and tickets.wait_minutes is null and tickets.created_at < before_until)
    group by tickets.tier
),

used as (
    select
        tier,
        sum(calls) as calls,
        count(distinct account_id) filter (where ok > 0 and not starts_with(account_id, 'nobody:')) as active_accounts
    from (
        select account_id, calls, ok, unnest([tier, 'all']) as tier
        from account_usage_day
        cross join periods
        where surface = 'api' and day >= since and day < until
    )
    group by tier
),

worked as (
    select
        support_day.*,
        unnest([coalesce(account_tier.tier, 'public'), 'all']) as tier
    from support_day
    left join account_tier on account_tier.account_id = support_day.account_id
        and support_day.day >= account_tier.covers_from and support_day.day < account_tier.covers_to
),

handled as (
    select
        tier,
        day >= since and day < until as is_now,
        sum(minutes) as minutes,
        sum(recorded_minutes) as recorded_minutes,
        sum(cost_micros) as cost,
        count(*) - count(cost_micros) as unpriced
    from worked
    cross join periods
    where (day >= since and day < until) or (day >= before_since and day < before_until)
    group by tier, is_now
),

costs as (
    select
        tiers.tier,
        is_now,
        coalesce(handled.minutes, 0) as minutes,
        coalesce(handled.recorded_minutes, 0) as recorded_minutes,
        case when has_support_rate or not has_support then coalesce(handled.cost, 0) end as cost,
        coalesce(handled.unpriced, 0) as unpriced
    from tiers
    cross join (values (true), (false)) as halves (is_now)
    cross join money_known
    left join handled using (tier, is_now)
)

select
    tiers.tier,
    coalesce(opened.tickets, 0) as tickets,
    case when has_before then coalesce(opened_before.tickets, 0) end as tickets_before,
    coalesce(opened.accounts, 0) as accounts,
    coalesce(opened.unanswered, 0) as unanswered,
    coalesce(opened.first_reply_n, 0) as first_reply_n,
    round(opened.first_reply_median, 1) as first_reply_median,
    round(opened_before.first_reply_median, 1) as first_reply_median_before,
    round(opened.first_reply_p90, 1) as first_reply_p90,
    coalesce(opened.first_reply_business_n, 0) as first_reply_business_n,
    round(opened.first_reply_business_median, 1) as first_reply_business_median,
    round(opened_before.first_reply_business_median, 1) as first_reply_business_median_before,
    round(opened.first_reply_business_p90, 1) as first_reply_business_p90,
    coalesce(done.solved, 0) as solved,
    coalesce(backlog.solved_undated, 0) as solved_undated,
    coalesce(done.resolution_n, 0) as resolution_n,
    round(done.resolution_median, 1) as resolution_median,
    round(done_before.resolution_median, 1) as resolution_median_before,
    round(done.resolution_p90, 1) as resolution_p90,
    coalesce(done.resolution_business_n, 0) as resolution_business_n,
    round(done.resolution_business_median, 1) as resolution_business_median,
    round(done_before.resolution_business_median, 1) as resolution_business_median_before,
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
    promises_before.achieved / nullif(promises_before.achieved + promises_before.breached, 0) as sla_attainment_before,
    coalesce(backlog.backlog, 0) as backlog,
    case when has_before then coalesce(backlog_then.backlog, 0) end as backlog_before,
    round(backlog.median_days, 1) as backlog_median_days,
    round(backlog.oldest_days, 1) as backlog_oldest_days,
    cast(coalesce(used.calls, 0) as bigint) as calls,
    coalesce(used.active_accounts, 0) as active_accounts,
    round(coalesce(opened.tickets, 0) * 1000 / nullif(used.calls, 0), 3) as tickets_per_1000_calls,
    round(coalesce(opened.tickets, 0) / nullif(used.active_accounts, 0), 3) as tickets_per_active_account,
    coalesce(opened.tickets_before_first_call, 0) as tickets_before_first_call,
    round(costs.minutes, 1) as handling_minutes,
    round(costs.recorded_minutes, 1) as recorded_minutes,
    costs.cost / 1000000 as support_cost,
    case when has_before then costs_before.cost / 1000000 end as support_cost_before,
    round(costs.cost / 1000000 / nullif(opened.tickets, 0), 2) as cost_per_ticket,
    nullif(concat_ws(
        '; ',
        case when has_support and not has_support_rate then 'no support rate in program.toml: support cost unknown' end,
        case when has_support_rate and costs.unpriced > 0
            then cast(costs.unpriced as bigint) || ' days of work on a ticket have no rate and are left out of the cost' end
    ), '') as unpriced_reason
from tiers
cross join money_known
cross join (select before_since is not null as has_before from periods)
join costs on costs.tier = tiers.tier and costs.is_now
join costs as costs_before on costs_before.tier = tiers.tier and not costs_before.is_now
left join opened on opened.tier = tiers.tier and opened.is_now
left join opened as opened_before on opened_before.tier = tiers.tier and not opened_before.is_now
left join done on done.tier = tiers.tier and done.is_now
left join done as done_before on done_before.tier = tiers.tier and not done_before.is_now
left join promises on promises.tier = tiers.tier and promises.is_now
left join promises as promises_before on promises_before.tier = tiers.tier and not promises_before.is_now
left join backlog on backlog.tier = tiers.tier
left join backlog_then on backlog_then.tier = tiers.tier
left join used on used.tier = tiers.tier
order by tiers.place
