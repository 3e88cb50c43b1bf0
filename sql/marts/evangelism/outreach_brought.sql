-- One row per outreach activity: the developers that it may have brought, as money says who they are (through its channel within the window; where it names
-- neither a channel nor whom it was for, those that came through none), and how many of them were activated: a first success of their own
-- within the same number of days from their sign-up. `shared` counts a developer that several activities may have brought in equal parts.
-- `is_mature` where the last who could belong to it has had the time.

with brought as (
    select
        outreach_done.source,
        outreach_done.id,
        developer_seen.node,
        coalesce(developer_seen.first_success_at < developer_seen.signed_up_at + to_days(outreach_done.window_days), false) as is_activated
    from outreach_done
    join developer_seen on developer_seen.channel is not distinct from outreach_done.channel
        and cast(developer_seen.signed_up_at as date) >= outreach_done.day
        and cast(developer_seen.signed_up_at as date) < outreach_done.window_to
    where (outreach_done.channel is not null or (outreach_done.organization_ref is null and outreach_done.account_ref is null))
        and developer_seen.signed_up_at <= (select as_of from snapshot_info)
),

parts as (
    select *, 1 / count(*) over (partition by node) as part
    from brought
),

sums as (
    select
        source,
        id,
        count(*) as developers,
        count(*) filter (is_activated) as activated,
        sum(part order by node) filter (is_activated) as activated_shared
    from parts
    group by source, id
)

select
    outreach_done.source,
    outreach_done.id,
    outreach_done.direction,
    outreach_done.channel,
    outreach_done.day,
    outreach_done.cost_micros,
    outreach_done.window_to + outreach_done.window_days <= (select cast(as_of as date) from snapshot_info) as is_mature,
    coalesce(sums.developers, 0) as developers,
    coalesce(sums.activated, 0) as activated,
    coalesce(sums.activated_shared, 0) as activated_shared
from outreach_done
left join sums using (source, id)
