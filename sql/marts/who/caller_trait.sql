-- One row per caller and thing by which rules know it: its credential's and consumer's ids and names, its application, plans, tags, source.
-- Values are lower case.

with keys as (
    select caller.caller_id, credential.id, credential.username, credential.custom_id, credential.consumer_id, credential.plan, credential.tags
    from caller
    join caller_account using (caller_id)
    join credential on credential.node = caller_account.node
),

applications as (
    select caller_account.caller_id, application.id, application.name, application.plan, application.tags
    from caller_account
    join application on application.node = caller_account.application_node
),

traits as (
    select caller_id, 'credential' as field, unnest([credential_ref, consumer_ref]) as value from caller
    union all
    select caller_id, 'credential', unnest([id, username, custom_id, consumer_id]) from keys
    union all
    select caller_id, 'application', unnest([id, name]) from applications
    union all
    select caller_id, 'application', application_ref from caller
    union all
    select caller_id, 'plan', plan_ref from caller
    union all
    select caller_id, 'plan', plan from keys
    union all
    select caller_id, 'plan', plan from applications
    union all
    select caller_id, 'tag', unnest(tags) from keys
    union all
    select caller_id, 'tag', unnest(tags) from applications
    union all
    select caller_id, 'source', source from caller
)

select distinct caller_id, field, lower(trim(value)) as value
from traits
where trim(value) <> ''
