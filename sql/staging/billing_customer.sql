-- One row per customer of the biller: the payer. Deleted ones keep their invoices, so they stay.

select
    'billing_customer:' || source || ':' || id as node,
    source,
    id,
    nullif(lower(trim(email)), '') as email,
    name,
    nullif(trim(consumer_ref), '') as consumer_ref,
    nullif(trim(organization_ref), '') as organization_ref,
    lower(currency) as currency,
    attributes,
    deleted,
    nullif(upper(trim(country)), '') as country,
    created_at
from raw_billing_customer
