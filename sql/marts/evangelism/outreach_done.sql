-- One row per outreach activity that has happened: direction (null where none of the three is named), what it took, and how many others its window
-- overlaps. `audience` says whose steps can have followed it: those of our own teams (internal), or everybody else's (others).
-- `window_to` is no part of the window; `is_mature` where the window is over.

with activities as (
    select
        outreach_activity.source,
        outreach_activity.id,
        outreach_activity.title,
        case when outreach_activity.direction in ('internal', 'partner', 'public') then outreach_activity.direction end as direction,
        if(coalesce(outreach_activity.direction, '') = 'internal', 'internal', 'others') as audience,
        outreach_activity.channel,
        outreach_activity.owner,
        outreach_activity.hours,
        outreach_cost.organization_ref,
        outreach_cost.account_ref,
        outreach_cost.day,
        outreach_cost.cost_micros,
        outreach_cost.unpriced_reason,
        outreach_cost.day + setting.outreach_window_days as window_to,
        setting.outreach_window_days as window_days
    from outreach_activity
    join outreach_cost using (source, id)
    cross join setting
    where outreach_cost.day <= (select cast(as_of as date) from snapshot_info)
)

select
    *,
    window_to <= (select cast(as_of as date) from snapshot_info) as is_mature,
    -- two windows of so many days overlap where they begin fewer days apart
    count(*) over (
        partition by audience order by day
        range between interval (window_days - 1) day preceding and interval (window_days - 1) day following
    ) - 1 as overlapping,
    if(
        channel is null,
        null,
        count(*) over (
            partition by audience, channel order by day
            range between interval (window_days - 1) day preceding and interval (window_days - 1) day following
        ) - 1
    ) as overlapping_channel
from activities
