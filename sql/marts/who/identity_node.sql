-- One row per record that belongs to somebody: the nodes of the identity graph. `email` and `host` are what domains come from;
-- `mailbox` is the address however it is written, `name_key` the organization's name without legal form, case, accents and spaces.

with nodes as (
    select node, 'developer' as kind, source, id, coalesce(name, email) as name, email, verified_at is not null as verified, null as host,
        organization_name, country, created_at
    from developer

    union all

    select node, 'application', source, id, name, null, null, null, null, null, created_at
    from application

    union all

    select node, 'credential', source, id, coalesce(username, custom_id, id),
        case when contains(username, '@') then username when contains(custom_id, '@') then lower(custom_id) end,
        true, null, null, null, created_at
    from credential

    union all

    select node, 'organization', source, id, name, null, null, domain, name, country, created_at
    from organization

    union all

    select node, 'billing_customer', source, id, name, email, true, null, name, country, created_at
    from billing_customer

    union all

    select node, 'support_user', source, id, name, email, verified, null, null, null, created_at
    from support_user

    union all

    select node, 'support_organization', source, id, name, null, null, null, name, null, created_at
    from support_organization

    union all

    select node, 'contact', source, id, coalesce(name, email), email, true, null, organization_name, country, created_at
    from contact

    union all

    select node, 'contract', source, id, organization_name, null, null, domain, organization_name, null, created_at
    from contract

    union all

    select node, 'opportunity', source, id, organization_name, null, null, domain, organization_name, null, created_at
    from opportunity
)

select
    nodes.*,
    coalesce(domain_of.mailbox, nodes.email) as mailbox,
    domain_of.domain,
    domain_of.label,
    coalesce(domain_of.linkable, false) as linkable,
    program_internal_domain.domain is not null as internal,
    name_of.plain as plain_name,
    name_of.squeezed as name_key
from nodes
left join domain_of on domain_of.email_or_host = coalesce(nodes.email, nodes.host)
left join program_internal_domain on lower(program_internal_domain.domain) = domain_of.domain
left join name_of on name_of.name = trim(nodes.organization_name)
