-- One row per developer: when and from where it signed up, when its own credentials first and last called, and when they first succeeded.
-- Channel and referrer are null where neither its record nor its registration names one. Probes and tests of our own are no calls; calls whose developer
-- nobody knows are nobody's.

with calls as (
    select
        caller_account.developer_node as node,
        min(usage_day.first_at) as first_call_at,
        max(usage_day.last_at) as last_call_at,
        min(usage_day.first_ok_at) as first_success_at
    from usage_day
    join caller_account using (caller_id)
    anti join test_caller using (caller_id)
    where usage_day.surface = 'api'
        and caller_account.developer_node is not null
        and usage_day.first_at <= (select as_of from snapshot_info)
    group by caller_account.developer_node
),

-- a portal's step names people by an id alone: one that means several is nobody's
people as (
    select developer_id, min(node) as node
    from developer_account
    group by developer_id
    having count(*) = 1
),

registrations as materialized (
    select
        people.node,
        portal_event.occurred_at,
        portal_event.channel,
        -- a detail that names a page or a site; anything else it may say is no referrer
        case when contains(portal_event.detail, '.') then shown_link(portal_event.detail) end as referrer
    from portal_event
    join people on people.developer_id = portal_event.developer_ref
    where portal_event.kind = 'registered'
),

registered as (
    select
        node,
        min(occurred_at) as registered_at,
        arg_min(channel, occurred_at) filter (channel is not null) as channel,
        arg_min(referrer, occurred_at) filter (referrer is not null) as referrer
    from registrations
    group by node
)

select
    developer.node,
    developer_account.account_id,
    developer.id as developer_id,
    developer.source,
    developer.name,
    coalesce(developer.created_at, registered.registered_at) as signed_up_at,
    coalesce(developer.channel, registered.channel) as channel,
    coalesce(developer.referrer, registered.referrer) as referrer,
    calls.first_call_at,
    calls.last_call_at,
    calls.first_success_at
from developer
join developer_account using (node)
left join registered using (node)
left join calls using (node)
