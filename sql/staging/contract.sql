-- One row per agreement. `relation` is one of our words for who pays, whatever the sheet calls it; null where it says nothing that we know.
-- `two_step` is how a partner stands between us and those whom its work is for: isv, agency or reseller.

with said as (
    select *, regexp_replace(lower(relation), '[^a-z0-9]+', ' ', 'g') as words
    from raw_contract
),

understood as (
    select
        *,
        case
            when regexp_matches(words, '\b(resell\w*|resale|distribut\w*|marketplace)\b') then 'reseller'
            when regexp_matches(words, '\b(isvs?|software vendor|oem|embed\w*|white label)\b') then 'isv'
            when regexp_matches(words, '\b(agency|agencies|consult\w*|integrator|contractor)\b') then 'agency'
        end as two_step,
        coalesce(two_step, 'agency') = 'agency' and coalesce(regexp_matches(words, '\b(client|customer)s? pays?\b'), false) as client_pays
    from said
)

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
    case
        when client_pays then 'employer pays'
        when two_step is not null or regexp_matches(words, '\bpartners?\b') then 'partner pays'
        when regexp_matches(words, '\b(internal|charge ?back)\b') then 'internal team'
        when regexp_matches(words, '\b(nobody|none|free|unpaid)\b') then 'nobody pays'
        when regexp_matches(words, '\b(developer|individual|self|personal)\b') then 'developer pays'
        when regexp_matches(words, '\b(employer|company|organi[sz]ation|direct)\b') then 'employer pays'
    end as relation,
    two_step,
    client_pays,
    -- such an agreement is with one organization and may name the application of another: it does not make the two one
    coalesce(two_step, 'reseller') <> 'isv'
        and coalesce(two_step is not null or regexp_matches(words, '\bpartners?\b'), false) as partner_pays,
    lower(status) as status,
    lower(currency) as currency,
    annual_value,
    revenue_share_percent,
    nullif(lower(trim(support_plan)), '') as support_plan,
    sla,
    from_json(steps, '[{"step": "VARCHAR", "started_on": "VARCHAR", "done_on": "VARCHAR", "waiting_for": "VARCHAR"}]') as steps,
    from_json(people, '[{"name": "VARCHAR", "email": "VARCHAR", "role": "VARCHAR"}]') as people,
    owner,
    created_at,
    signed_at,
    starts_at,
    ends_at
from understood
