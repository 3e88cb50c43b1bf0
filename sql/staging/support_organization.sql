-- One row per organization as the help desk knows it.

select
    'support_organization:' || source || ':' || id as node,
    source,
    id,
    name,
    from_json(domain_names, '["VARCHAR"]') as domain_names,
    nullif(trim(external_id), '') as external_id,
    from_json(tags, '["VARCHAR"]') as tags,
    created_at
from raw_support_organization
