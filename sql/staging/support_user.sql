-- One row per person who asks for help; the desk's own agents are left out, and deleted people too.

select
    'support_user:' || source || ':' || id as node,
    source,
    id,
    nullif(lower(trim(email)), '') as email,
    coalesce(verified, false) as verified,
    name,
    organization_id,
    nullif(trim(external_id), '') as external_id,
    created_at
from raw_support_user
where coalesce(lower(role), 'end-user') = 'end-user' and not coalesce(deleted, false)
