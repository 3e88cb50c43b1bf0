-- One row per dated step in the portal.

select
    source,
    id,
    lower(kind) as kind,
    occurred_at,
    developer_ref,
    application_ref,
    organization_ref,
    nullif(lower(trim(email)), '') as email,
    visitor_ref,
    nullif(lower(trim(channel)), '') as channel,
    detail
from raw_portal_event
