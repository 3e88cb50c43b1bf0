-- One row per agreement.

select
    'contract:' || source || ':' || id as node,
    source,
    id,
    nullif(trim(organization_ref), '') as organization_ref,
    organization_name,
    nullif(lower(trim(domain)), '') as domain,
    nullif(trim(billing_customer_ref), '') as billing_customer_ref,
    nullif(trim(application_ref), '') as application_ref,
    lower(terms) as terms,
    nullif(lower(trim(tier)), '') as tier,
    replace(lower(relation), '_', ' ') as relation,
    coalesce(starts_with(lower(relation), 'partner'), false) as partner_pays,
    lower(status) as status,
    lower(currency) as currency,
    annual_value,
    revenue_share_percent,
    from_json(steps, '[{"step": "VARCHAR", "started_on": "VARCHAR", "done_on": "VARCHAR", "waiting_for": "VARCHAR"}]') as steps,
    from_json(people, '[{"name": "VARCHAR", "email": "VARCHAR", "role": "VARCHAR"}]') as people,
    owner,
    created_at,
    signed_at,
    starts_at,
    ends_at
from raw_contract
