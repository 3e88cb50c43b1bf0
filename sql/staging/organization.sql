-- One row per organization as a portal, CRM or sheet names it.

select
    'organization:' || source || ':' || id as node,
    source,
    id,
    name,
    nullif(lower(trim(domain)), '') as domain,
    nullif(lower(trim(kind)), '') as kind,
    nullif(lower(trim(tier)), '') as tier,
    employees,
    from_json(tags, '["VARCHAR"]') as tags,
    nullif(upper(trim(country)), '') as country,
    nullif(trim(owner), '') as owner,
    created_at
from raw_organization
