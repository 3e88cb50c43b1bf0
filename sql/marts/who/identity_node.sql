-- One row per record that belongs to somebody: the nodes of the identity graph. `email` and `host` are what domains come from.

with nodes as (
    select node, 'developer' as kind, source, id, coalesce(name, email) as name, email, verified_at is not null as verified, null as host,
        organization_name, created_at
    from developer

    union all

    select node, 'application', source, id, name, null, null, null, null, created_at
    from application

    union all

    select node, 'credential', source, id, coalesce(username, custom_id, id),
        case when contains(username, '@') then username when contains(custom_id, '@') then lower(custom_id) end,
        true, null, null, created_at
    from credential

    union all

    select node, 'organization', source, id, name, null, null, domain, name, created_at
    from organization

    union all

    select node, 'billing_customer', source, id, name, email, true, null, name, created_at
    from billing_customer

    union all

    select node, 'support_user', source, id, name, email, verified, null, null, created_at
    from support_user

    union all

    select node, 'support_organization', source, id, name, null, null, null, name, created_at
    from support_organization

    union all

    select node, 'contract', source, id, organization_name, null, null, domain, organization_name, created_at
    from contract

    union all

    select node, 'opportunity', source, id, organization_name, null, null, domain, organization_name, created_at
    from opportunity
)

select
    *,
    -- legal forms and punctuation say nothing about who it is: "Acme Shipping, Inc." and "ACME Shipping GmbH" compare equal
    nullif(trim(regexp_replace(
        regexp_replace(lower(organization_name), '[^[:alnum:]]+', ' ', 'g'),
        '( (inc|incorporated|llc|ltd|limited|gmbh|ag|ug|kg|sa|sas|sarl|bv|nv|ab|as|oy|plc|corp|corporation|co|company|pty|srl|spa))+\s*$',
        ''
    )), '') as plain_name
from nodes
