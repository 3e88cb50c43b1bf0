-- One row per application: what a developer builds and calls with.

select
    'application:' || source || ':' || id as node,
    source,
    id,
    name,
    developer_id,
    organization_id,
    nullif(lower(trim(plan)), '') as plan,
    nullif(lower(trim(environment)), '') as environment,
    lower(status) as status,
    consumer_ref,
    credential_ref,
    from_json(tags, '["VARCHAR"]') as tags,
    created_at
from raw_application
