-- One row per person around an account, as a CRM or sheet names one.

select
    'contact:' || source || ':' || id as node,
    source,
    id,
    nullif(lower(trim(email)), '') as email,
    name,
    title,
    nullif(lower(trim(role)), '') as role,
    nullif(trim(organization_ref), '') as organization_ref,
    nullif(trim(organization_name), '') as organization_name,
    nullif(upper(trim(country)), '') as country,
    owner,
    created_at
from raw_contact
