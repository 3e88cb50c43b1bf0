-- One row per outreach activity, outcome (sign_up, first_success, partner_step) and scope: how many of its audience took the step in the window from
-- its day on, against what the same weekdays had before it. Scope `all` is the whole audience, `channel` those who came through its channel.
-- A window that is not over counts up to the day before the snapshot's, and so does what is expected of it.

-- Baseline: the mean of each weekday over the last 8 whole weeks before the activity (4 at least are needed), times its days in the window.
-- Interval: 95 of 100 windows in which nothing changed. Where counts are Poisson, sqrt(count + 3/8) has a variance near 1/4 (Anscombe 1948,
-- Biometrika 35), so sqrt(followed + 3/8) - sqrt(r (baseline + 3/8)) has (1 + r) / 4, r being what is expected over what the baseline had; it is
-- multiplied by how much more than Poisson the baseline's days differ from their weekday's mean (Pearson's chi-squared over its degrees of
-- freedom, at least 1). 1.959964 is the normal distribution's quantile at 97.5 %.

with since as (
    select 'sign_up' as outcome, min(day) as data_from from outreach_step where outcome = 'sign_up'
    union all
    select outcome, (select min(day) from account_day)
    from (values ('first_success'), ('partner_step')) as counted (outcome)
),

activities as (
    select source, id, audience, channel, day, window_to, window_days, is_mature, overlapping, overlapping_channel,
        least(window_to, (select cast(as_of as date) from snapshot_info)) as counted_to
    from outreach_done
),

asked as (
    select
        activities.*,
        scopes.scope,
        since.outcome,
        cast(least(8, (activities.day - since.data_from) // 7) as integer) as baseline_weeks
    from activities
    join (values ('all'), ('channel')) as scopes (scope) on scopes.scope = 'all' or activities.channel is not null
    cross join since
),

counts as (
    select 'all' as scope, audience, cast(null as varchar) as channel, outcome, day, count(*) as steps
    from outreach_step
    group by audience, outcome, day

    union all

    select 'channel', audience, channel, outcome, day, count(*)
    from outreach_step
    where channel is not null
    group by audience, channel, outcome, day
),

after as (
    select asked.source, asked.id, asked.scope, asked.outcome, sum(counts.steps) as followed
    from asked
    join counts on counts.scope = asked.scope
        and counts.audience = asked.audience
        and counts.outcome = asked.outcome
        and coalesce(counts.channel, '') = if(asked.scope = 'channel', asked.channel, '')
        and counts.day >= asked.day
        and counts.day < asked.counted_to
    group by asked.source, asked.id, asked.scope, asked.outcome
),

weekdays as (
    select
        asked.source,
        asked.id,
        asked.scope,
        asked.outcome,
        asked.baseline_weeks,
        isodow(counts.day) as weekday,
        sum(counts.steps) as steps,
        sum(counts.steps * counts.steps) as squares,
        -- how often the weekday is in the days from the activity's own on
        (any_value(asked.counted_to - asked.day) + 6 - (isodow(counts.day) - isodow(any_value(asked.day)) + 7) % 7) // 7 as days
    from asked
    join counts on counts.scope = asked.scope
        and counts.audience = asked.audience
        and counts.outcome = asked.outcome
        and coalesce(counts.channel, '') = if(asked.scope = 'channel', asked.channel, '')
        and counts.day < asked.day
        and counts.day >= asked.day - 7 * asked.baseline_weeks
    where asked.baseline_weeks >= 4
    group by asked.source, asked.id, asked.scope, asked.outcome, asked.baseline_weeks, isodow(counts.day)
),

before as (
    select
        source,
        id,
        scope,
        outcome,
        sum(steps) as steps,
        sum(days * steps) / any_value(baseline_weeks) as expected,
        -- the sum over a weekday's days of (count - mean)^2 / mean
        greatest(1, sum(squares * baseline_weeks / steps - steps order by weekday) / (count(*) * (any_value(baseline_weeks) - 1))) as dispersion
    from weekdays
    group by source, id, scope, outcome
),

compared as (
    select
        asked.*,
        coalesce(after.followed, 0) as followed,
        case when asked.baseline_weeks >= 4 then coalesce(before.steps, 0) end as baseline,
        case when asked.baseline_weeks >= 4 then coalesce(before.expected, 0) end as expected,
        coalesce(before.dispersion, 1) as dispersion,
        coalesce(before.expected / before.steps, (asked.counted_to - asked.day) / (7 * asked.baseline_weeks)) as ratio
    from asked
    left join after using (source, id, scope, outcome)
    left join before using (source, id, scope, outcome)
),

bounded as (
    select
        *,
        sqrt(ratio * (baseline + 0.375)) as middle,
        1.959964 / 2 * sqrt(dispersion * (1 + ratio)) as reach
    from compared
)

select
    source,
    id,
    scope,
    outcome,
    day,
    window_to,
    counted_to,
    is_mature,
    case when scope = 'all' then overlapping else overlapping_channel end as overlapping,
    cast(followed as bigint) as followed,
    case when baseline is not null then baseline_weeks end as baseline_weeks,
    cast(baseline as bigint) as baseline,
    expected,
    case when baseline is not null then dispersion end as dispersion,
    case when middle > reach then greatest(0, pow(middle - reach, 2) - 0.375) when middle is not null then 0 end as expected_lower,
    pow(middle + reach, 2) - 0.375 as expected_upper
from bounded
