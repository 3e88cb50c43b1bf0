-- One row per account, month and promise of a contract in force in it: what was promised (the strictest where several contracts do) and what was
-- delivered. Calls and tickets are those of the days in force; latency is of the whole month, as it is counted by month.
-- Availability: 1 − (5xx and upstream failures) ÷ calls that reached us; client aborts, 4xx (throttled ones too) and calls whose answer the log does
-- not say are in neither. The error budget is what the promise allows to fail. First replies: a ticket without one counts once its time is over.

with today as (
    select as_of, cast(as_of as date) as day from snapshot_info
),

months as (
    select
        contract_promise.*,
        cast(unnest(generate_series(
            date_trunc('month', contract_promise.since), date_trunc('month', least(contract_promise.until - 1, today.day)), interval 1 month
        )) as date) as month
    from contract_promise
    cross join today
    where contract_promise.until > contract_promise.since
),

promised as (
    select
        account_id,
        month,
        promise,
        quantile,
        case when promise = 'availability' then max(target) else min(target) end as target
    from months
    group by account_id, month, promise, quantile
),

spans as (
    select distinct account_id, promise, since, until
    from contract_promise
),

used as (
    select
        account_usage_day.account_id,
        cast(date_trunc('month', account_usage_day.day) as date) as month,
        'availability' as promise,
        sum(account_usage_day.ok + greatest(account_usage_day.server_errors, account_usage_day.refused_upstream)) as reached,
        sum(greatest(account_usage_day.server_errors, account_usage_day.refused_upstream)) as failures
    from account_usage_day
    semi join (select * from spans where promise = 'availability') as spans on spans.account_id = account_usage_day.account_id
        and account_usage_day.day >= spans.since and account_usage_day.day < spans.until
    where account_usage_day.surface = 'api' and account_usage_day.day <= (select day from today)
    group by account_usage_day.account_id, month
),

bins as (
    select caller_account.account_id, latency_month.month, latency_month.bin, sum(latency_month.calls) as calls
    from latency_month
    join caller_account using (caller_id)
    join caller using (caller_id)
    semi join (select account_id, month from promised where promise = 'latency') as wanted
        on wanted.account_id = caller_account.account_id and wanted.month = latency_month.month
    where caller.surface = 'api'
    group by all
),

running as (
    select *, sum(calls) over (partition by account_id, month order by bin) as so_far, sum(calls) over (partition by account_id, month) as n
    from bins
),

-- bin b holds 1.02^b to 1.02^(b + 1) milliseconds; its middle is within 1 % of any call in it
latency as (
    select
        promised.account_id,
        promised.month,
        promised.quantile,
        any_value(running.n) as n,
        pow(1.02, min(running.bin) filter (where running.so_far >= promised.quantile * running.n) + 0.5) as delivered,
        sum(running.calls) filter (where pow(1.02, running.bin + 0.5) <= promised.target) / any_value(running.n) as within_share
    from promised
    join running using (account_id, month)
    where promised.promise = 'latency'
    group by promised.account_id, promised.month, promised.quantile, promised.target
),

tickets as (
    select
        ticket_fact.account_id,
        cast(date_trunc('month', ticket_fact.day) as date) as month,
        ticket_fact.created_at,
        ticket_fact.first_reply_minutes,
        ticket_fact.is_open
    from ticket_fact
    semi join (select * from spans where promise = 'first_reply') as spans on spans.account_id = ticket_fact.account_id
        and ticket_fact.day >= spans.since and ticket_fact.day < spans.until
    where ticket_fact.created_at <= (select as_of from today)
),

replies as (
    select
        promised.account_id,
        promised.month,
        promised.promise,
        median(tickets.first_reply_minutes) as median_minutes,
        quantile_cont(tickets.first_reply_minutes, 0.9) as p90_minutes,
        count(*) filter (where tickets.first_reply_minutes <= promised.target) as within,
        count(*) filter (
            where tickets.first_reply_minutes > promised.target
                or (tickets.first_reply_minutes is null and tickets.is_open
                    and date_diff('second', tickets.created_at, (select as_of from today)) / 60 > promised.target)
        ) as beyond
    from promised
    join tickets using (account_id, month)
    where promised.promise = 'first_reply'
    group by promised.account_id, promised.month, promised.promise, promised.target
),

joined as (
    select
        promised.account_id,
        promised.month,
        promised.month = cast(date_trunc('month', today.day) as date) as in_progress,
        promised.promise,
        promised.quantile,
        cast(promised.target as double) as target,
        case promised.promise
            when 'availability' then coalesce(used.reached, 0)
            when 'latency' then coalesce(latency.n, 0)
            else coalesce(replies.within + replies.beyond, 0)
        end as n,
        case promised.promise
            when 'availability' then 100 * (1 - used.failures / nullif(used.reached, 0))
            when 'latency' then latency.delivered
            else replies.median_minutes
        end as delivered,
        replies.p90_minutes,
        case promised.promise
            when 'latency' then latency.within_share
            when 'first_reply' then replies.within / nullif(replies.within + replies.beyond, 0)
        end as within_share,
        case when promised.promise = 'availability' then coalesce(used.failures, 0) end as failures,
        case when promised.promise = 'availability' then cast((100 - promised.target) * coalesce(used.reached, 0) as double) / 100 end as allowed_failures
    from promised
    cross join today
    left join used using (account_id, month, promise)
    left join latency on latency.account_id = promised.account_id and latency.month = promised.month and latency.quantile = promised.quantile
    left join replies using (account_id, month, promise)
)

select
    *,
    (allowed_failures - failures) / nullif(allowed_failures, 0) as budget_left,
    case promise
        when 'availability' then if(n > 0, failures <= allowed_failures, null)
        when 'latency' then delivered <= target
        else within_share = 1
    end as is_kept
from joined
