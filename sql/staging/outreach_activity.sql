-- One row per thing done to be found, adopted or understood.

select
    source,
    id,
    title,
    lower(direction) as direction,
    nullif(lower(trim(channel)), '') as channel,
    nullif(trim(organization_ref), '') as organization_ref,
    occurred_at,
    hours,
    lower(coalesce(currency, (select currency from setting))) as currency,
    cost,
    owner
from raw_outreach_activity
