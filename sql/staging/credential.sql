-- One row per credential: a key, consumer or client id at a gateway.

select
    'credential:' || source || ':' || id as node,
    source,
    id,
    kind,
    consumer_id,
    nullif(trim(custom_id), '') as custom_id,
    nullif(case when contains(username, '@') then lower(trim(username)) else trim(username) end, '') as username,
    application_ref,
    developer_ref,
    nullif(lower(trim(plan)), '') as plan,
    nullif(lower(trim(environment)), '') as environment,
    from_json(groups, '["VARCHAR"]') as groups,
    from_json(tags, '["VARCHAR"]') as tags,
    created_at,
    revoked_at
from raw_credential
