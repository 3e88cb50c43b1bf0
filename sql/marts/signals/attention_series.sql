-- One row per series that is watched and whole day: `value` of `of`, or a count where `of` is null. A series is a kind and a subject: an account that
-- pays, is a partner or an enterprise; or a tier; or a tier's stage. Days without anything are zero from the series' first on, as far back as
-- attention looks. The last day is the last whole one on which anything was called, so that a log that is late is no fall.

with bounds as (
    select
        least(cast(as_of as date) - 1, (select max(day) from account_day)) as last_day,
        cast(as_of as date) - (setting.attention_days + setting.attention_history_days + 3) as first_day
    from snapshot_info
    cross join setting
),

watched as (
    select account_id, tier
    from account
    where kind <> 'nobody' and (
        tier = 'partner'
        or account_id in (select account_id from enterprise_account)
        or account_id in (
            select account_id from revenue_event where net_minor > 0 and day > (select last_day - 90 from bounds)
        )
    )
),

used as (
    select day, account_id, tier, sum(calls) as calls, sum(server_errors) as server_errors, sum(client_errors) as client_errors,
        sum(refused_quota + refused_rate_limit) as refused
    from account_usage_day
    where surface = 'api' and day between (select first_day from bounds) and (select last_day from bounds)
    group by day, account_id, tier
),

of_accounts as (
    select watched.tier, watched.account_id as subject, used.day, used.calls, used.server_errors, used.client_errors
    from used
    join watched using (account_id)
),

of_tiers as (
    select tier, tier as subject, day, sum(calls) as calls, sum(server_errors) as server_errors, sum(client_errors) as client_errors
    from used
    group by tier, day
),

rates as (
    select 'server_errors' as kind, tier, subject, day, server_errors as value, calls as "of" from of_accounts
    union all
    select 'client_errors', tier, subject, day, client_errors, calls from of_accounts
    union all
    select 'tier_server_errors', tier, subject, day, server_errors, calls from of_tiers
    union all
    select 'tier_client_errors', tier, subject, day, client_errors, calls from of_tiers
),

-- who moved on within the window, by the day on which the window of those who entered was over
entered as (
    select
        here.tier,
        here.stage,
        cast(here.reached_at as date) + setting.attention_window_days as day,
        next.reached_at is not null and next.reached_at <= here.reached_at + to_days(setting.attention_window_days) as moved
    from account_stage as here
    cross join setting
    left join account_stage as next on next.account_id = here.account_id and next.position = here.position + 1
    where here.stage <> (select last.stage from program_stage as last where last.tier = here.tier order by last.position desc limit 1)
),

conversions as (
    select 'conversion' as kind, tier, tier || '/' || stage as subject, day, count(*) filter (where moved) as value, count(*) as "of"
    from entered
    where day between (select first_day from bounds) and (select last_day from bounds)
    group by tier, stage, day
),

arrivals as (
    select 'sign_ups' as kind, account_tier_now.tier, account_tier_now.tier as subject, cast(account_seen.signed_up_at as date) as day, count(*) as value
    from account_seen
    join account_tier_now using (account_id)
    where account_seen.signed_up_at is not null and not starts_with(account_seen.account_id, 'nobody:')
    group by all

    union all

    select 'outgrowing', used.tier, used.tier, used.day, count(distinct used.account_id)
    from used
    join free_account on free_account.account_id = used.account_id
        and used.day >= free_account.started_on
        and (free_account.first_paid_on is null or used.day < free_account.first_paid_on)
    where used.refused > 0
    group by all
),

counted as (
    select 'calls' as kind, tier, subject, day, calls as value from of_accounts
    union all
    select 'tier_calls', tier, subject, day, calls from of_tiers
    union all
    select * from arrivals where day between (select first_day from bounds) and (select last_day from bounds)
),

starts as (
    select kind, tier, subject, min(day) as first_day from counted group by all
),

days as (
    select starts.kind, starts.tier, starts.subject, cast(unnest(generate_series(starts.first_day, (select last_day from bounds), interval 1 day)) as date) as day
    from starts
)

select days.kind, days.tier, days.subject, days.day, cast(coalesce(counted.value, 0) as double) as value, cast(null as double) as "of"
from days
left join counted using (kind, tier, subject, day)

union all

select kind, tier, subject, day, cast(value as double), cast("of" as double)
from rates

union all

select kind, tier, subject, day, cast(value as double), cast("of" as double)
from conversions
