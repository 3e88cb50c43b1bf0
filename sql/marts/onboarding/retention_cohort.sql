-- One row per tier, grain (week or month), cohort of first successes and period since (0 is the cohort's own): accounts with a success in it, and in
-- it or later. Periods are calendar weeks, from Monday, or calendar months, UTC; the last is the one that holds the snapshot's day.

with successes as (
    select account_id, tier, day
    from onboarding_day
    join account_tier_now using (account_id)
    where first_ok_at is not null
        and day <= (select cast(as_of as date) from snapshot_info)
        and not starts_with(account_id, 'nobody:')
),

active as (
    select 'week' as grain, account_id, tier, cast(date_trunc('week', day) as date) as starts_on
    from successes
    group by all

    union all

    select 'month', account_id, tier, cast(date_trunc('month', day) as date)
    from successes
    group by all
),

aged as (
    select
        grain,
        account_id,
        tier,
        min(starts_on) over accounts as cohort,
        max(starts_on) over accounts as last_on,
        starts_on
    from active
    window accounts as (partition by grain, account_id)
),

cohorts as (
    select tier, grain, cohort, count(*) as accounts
    from aged
    where starts_on = cohort
    group by tier, grain, cohort
),

here as (
    select tier, grain, cohort, starts_on, count(*) as active
    from aged
    group by tier, grain, cohort, starts_on
),

lasts as (
    select tier, grain, cohort, last_on, count(*) as accounts
    from aged
    where starts_on = cohort
    group by tier, grain, cohort, last_on
),

periods as (
    select
        cohorts.*,
        cast(unnest(generate_series(
            cohorts.cohort,
            (select cast(as_of as date) from snapshot_info),
            case when cohorts.grain = 'week' then interval 7 day else interval 1 month end
        )) as date) as starts_on
    from cohorts
)

select
    periods.tier,
    periods.grain,
    periods.cohort,
    cast(date_diff(periods.grain, periods.cohort, periods.starts_on) as integer) as period,
    periods.starts_on,
    cast(periods.starts_on + case when periods.grain = 'week' then interval 7 day else interval 1 month end as date) as ends_on,
    periods.accounts,
    coalesce(here.active, 0) as active,
    cast(coalesce(sum(lasts.accounts) over (
        partition by periods.tier, periods.grain, periods.cohort order by periods.starts_on desc
    ), 0) as bigint) as active_or_later
from periods
left join here using (tier, grain, cohort, starts_on)
left join lasts on lasts.tier = periods.tier
    and lasts.grain = periods.grain
    and lasts.cohort = periods.cohort
    and lasts.last_on = periods.starts_on
