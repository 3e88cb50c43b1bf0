-- metric: stage_survival
-- label: Time to a stage
-- question: What share has reached this stage after so many days?
-- unit: a share
-- grain: one row a tier, stage, segment and time at which accounts reached the stage, and the first and last time of each
-- good: up
-- definition: Kaplan–Meier of the days from entry (or, with origin `before`, from the stage before) to the stage, the tier's last where none is chosen. It uses
--   everyone: who has not reached it counts for as long as it was seen. 95 % band by Greenwood's variance on the log(−log) scale, as lifelines has it.
--   (A plain share of all entrants counts the young as lost; a mature one leaves them out.) Without a dimension all entrants are one; with one, each
--   of its segments, those with fewer than 30 entrants left out. Of a curve with more than 1,000 steps the last of each thousandth of its days is kept.
-- column segment: the value of the dimension; null for all
-- column place: 1 to 12 by entrants, 13 for others, 14 for not known; 0 for all
-- column subjects: accounts that the curve rests on
-- column days: days from entry or the stage before; the first row of a curve is day 0
-- column at_risk: accounts that had not reached it and were still seen just before
-- column events: those that reached it at this time
-- column censored: those that had not reached it and were seen no longer than this
-- column survival: share that has not reached it
-- column lower: lower end of the band of survival
-- column upper: upper end
-- column reached: 1 − survival
-- column reached_lower: lower end of the band of reached
-- column reached_upper: upper end

with params as (
    select snapshot_info.as_of, coalesce($origin, 'entry') = 'before' as from_before
    from snapshot_info
),

segments as (
    select account_id, segment, place
    from conversion_segment
    where dimension = $dimension and ($value is null or segment = $value)

    union all

    select account_id, null, 0
    from entrant
    where $dimension is null
),

waits as materialized (
    select
        struct_pack(tier := conversion_step.tier, stage := stage, place := segments.place, segment := segments.segment) as series,
        days_between(case when from_before then before_at else entered_at end, coalesce(reached_at, as_of)) as days,
        reached_at is not null as happened
    from conversion_step
    join segments using (account_id)
    cross join params
    where position > 1
        and (not from_before or before_at is not null)
        and ($tier is null or conversion_step.tier = $tier)
        and ($cohort_from is null or entered_at >= cast($cohort_from as date))
        and ($cohort_to is null or entered_at < cast($cohort_to as date))
        and (
            stage = $stage
            or ($stage is null and (conversion_step.tier, stage) in (select (tier, arg_max(stage, position)) from program_stage group by tier))
        )
),

sizes as (
    select series, count(*) as subjects, max(days) as last_day, count(distinct days) filter (happened) > 1000 as is_long
    from waits
    group by series
    having series.place = 0 or count(*) >= 30
),

subjects as (
    select series, days, happened
    from waits
    where series in (select series from sizes)
),

curves as (
    select *
    from kaplan_meier('subjects')

    union all

    select series, 0, subjects, 0, 0, 1, 1, 1
    from sizes
    where series not in (select series from waits where days = 0)
),

thinned as (
    select curves.*, sizes.subjects
    from curves
    join sizes using (series)
    where events > 0 or days in (0, last_day)
    qualify not is_long or days = 0 or row_number() over (partition by series, floor(days * 1000 / last_day) order by days desc) = 1
)

select
    series.tier,
    series.stage,
    series.segment,
    series.place,
    subjects,
    days,
    at_risk,
    events,
    censored,
    survival,
    lower,
    upper,
    1 - survival as reached,
    1 - upper as reached_lower,
    1 - lower as reached_upper
from thinned
order by series.tier, series.place, series.segment nulls first, days
