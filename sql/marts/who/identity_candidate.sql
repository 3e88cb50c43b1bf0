-- One row per piece of evidence that two records, or a record and a shared e-mail, domain or team, are the same organization's.
-- Confidence falls as METRICS ranks evidence: a person 1.0, shared key 0.98, verified e-mail 0.95, domain 0.85, help-desk domain 0.82;
-- an address that nobody verified and a name alone stay below the threshold and wait for a person.
-- `turn` is the order in which links are followed: what organizations say of themselves, keys and payers, people, and last a person's word,
-- which then joins what the others have made. Only the first and the last may make two organizations one.

with addresses as (
    select
        identity_node.*,
        domain_of.domain,
        coalesce(domain_of.linkable, false) as linkable,
        program_internal_domain.domain is not null as internal
    from identity_node
    left join domain_of on domain_of.email_or_host = coalesce(identity_node.email, identity_node.host)
    left join program_internal_domain on lower(program_internal_domain.domain) = domain_of.domain
),

decided as (
    select left_node, right_node, 'a person' as evidence, 1.0 as confidence, author as left_value, author as right_value
    from identity_decision
    where action = 'confirm'
        and left_node in (select node from identity_node)
        and right_node in (select node from identity_node)
),

emails as (
    select
        node,
        'email:' || email,
        case when verified then 'verified e-mail' else 'unverified e-mail' end,
        case when verified then 0.95 else 0.7 end,
        email,
        email
    from addresses
    where email is not null
),

-- what the organization behind a domain is called: by those who write from there, by its own records, and by the domain itself
domain_names as (
    select domain, replace(plain_name, ' ', '') as name
    from addresses
    where linkable and not internal and plain_name is not null and kind <> 'developer'

    union

    select domain, replace(split_part(domain, '.', 1), '-', '')
    from addresses
    where linkable and not internal
),

-- somebody at one company's domain who says to be with another, which has a domain of its own: an agency's or freelancer's client
elsewhere as (
    select distinct addresses.node
    from addresses
    join domain_names as other on other.name = replace(addresses.plain_name, ' ', '') and other.domain <> addresses.domain
    left join domain_names as own on own.name = other.name and own.domain = addresses.domain
    where addresses.kind = 'developer' and addresses.linkable and own.domain is null
),

domains as (
    select
        node,
        'domain:' || domain,
        case when elsewhere.node is not null then 'domain, but names another company' else 'domain' end,
        case when elsewhere.node is not null then 0.75 when verified is false then 0.8 else 0.85 end,
        coalesce(email, host),
        domain
    from addresses
    left join elsewhere using (node)
    where linkable and not internal
),

-- everyone in the house has the same domain: there, the team is the organization, and domain and name together say which
teams as (
    select node, 'team:' || domain || '/' || plain_name, 'internal team', 0.9, coalesce(email, host), organization_name
    from addresses
    where internal and plain_name is not null and node not in (select left_node from identity_key where evidence = 'its organization')
),

desk_domains as (
    select names.node, 'domain:' || domain_of.domain, 'help-desk domain', 0.82, names.host, domain_of.domain
    from (select node, lower(trim(unnest(domain_names))) as host from support_organization) as names
    join domain_of on domain_of.email_or_host = names.host and domain_of.linkable
    where domain_of.domain not in (select lower(domain) from program_internal_domain)
),

contract_people as (
    select named.node, 'email:' || named.email, 'named in the contract', 0.9, named.email, named.email
    from (select node, lower(trim(unnest(people).email)) as email from contract) as named
    where named.email <> ''
),

names as (
    select
        identity_node.node,
        first_of_name.node,
        'similar name',
        0.6,
        identity_node.organization_name,
        first_of_name.organization_name
    from identity_node
    join (
        select plain_name, min(node) as node, arg_min(organization_name, node) as organization_name
        from identity_node
        where plain_name is not null
        group by plain_name
    ) as first_of_name using (plain_name)
    where identity_node.node <> first_of_name.node
),

candidates as (
    select * from decided
    union all
    select * from identity_key
    union all
    select * from emails
    union all
    select * from domains
    union all
    select * from teams
    union all
    select * from desk_domains
    union all
    select * from contract_people
    union all
    select * from names
),

kinds as (
    select *, split_part(left_node, ':', 1) as left_kind, split_part(right_node, ':', 1) as right_kind
    from candidates
)

select
    left_node,
    right_node,
    evidence,
    cast(confidence as double) as confidence,
    left_value,
    right_value,
    case
        when evidence = 'a person' then 11
        when left_kind in ('organization', 'support_organization', 'contract', 'opportunity')
            and right_kind in ('organization', 'support_organization', 'domain', 'team') then 2
        when left_kind in ('credential', 'application', 'billing_customer') and right_kind <> 'developer'
            and evidence in ('shared key', 'its consumer') then 3
        when evidence = 'its organization' then 4
        when evidence in ('its developer', 'shared key', 'consumer named by e-mail') and left_kind <> 'contract' then 5
        when right_kind = 'email' then 6
        when left_kind = 'billing_customer' then 7
        when evidence = 'help-desk organization' then 8
        when left_kind = 'contract' then 10
        else 9
    end as turn
from kinds
