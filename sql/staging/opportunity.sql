-- One row per sale that is hoped for.

select
    'opportunity:' || source || ':' || id as node,
    source,
    id,
    nullif(trim(organization_ref), '') as organization_ref,
    organization_name,
    nullif(lower(trim(domain)), '') as domain,
    lower(stage) as stage,
    lower(currency) as currency,
    amount,
    owner,
    nullif(trim(sourced_by), '') as sourced_by,
    created_at,
    closed_at
from raw_opportunity
