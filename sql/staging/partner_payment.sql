-- One row per payment of a partner's share.

select
    source,
    id,
    nullif(trim(organization_ref), '') as organization_ref,
    organization_name,
    nullif(lower(trim(domain)), '') as domain,
    lower(coalesce(currency, (select currency from setting))) as currency,
    amount,
    coalesce(paid_at, period_ends_at, period_started_at) as paid_at
from raw_partner_payment
