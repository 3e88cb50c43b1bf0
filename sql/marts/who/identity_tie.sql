-- One row per piece of evidence in a record itself that two records, or a record and a shared e-mail, domain or team, are the same
-- organization's: keys, addresses, domains, help-desk domains. What people decided and what names suggest comes later.
-- Confidence falls as METRICS ranks evidence: shared key 0.98, verified e-mail 0.95, domain 0.85, help-desk domain 0.82; an address that
-- nobody verified and a domain that several organizations use stay below the threshold.

with emails as (
    select
        node,
        'email:' || mailbox as right_node,
        case when verified then 'verified e-mail' else 'unverified e-mail' end as evidence,
        case when verified then 0.95 else 0.7 end as confidence,
        email as left_value,
        mailbox as right_value
    from identity_node
    where mailbox is not null
),

-- what the organization behind a domain is called: by records of organizations, and by the domain itself
domain_names as (
    select domain, name_key as name
    from identity_node
    where linkable and not internal and name_key is not null and kind in ('organization', 'contract', 'opportunity')

    union

    select domain, label
    from identity_node
    where linkable and not internal
),

-- somebody at one company's domain who says to be with another, which has a domain of its own: an agency's or freelancer's client
elsewhere as (
    select distinct identity_node.node
    from identity_node
    join domain_names as other on other.name = identity_node.name_key and other.domain <> identity_node.domain
    left join domain_names as own on own.name = other.name and own.domain = identity_node.domain
    where identity_node.kind in ('developer', 'billing_customer', 'contact') and identity_node.linkable and own.domain is null
),

-- where many organizations write from one domain, it speaks for those alone who say to be with the one whose it is
domains as (
    select
        node,
        'domain:' || domain,
        case
            when coalesce(many, false) and not coalesce(starts_with(name_key, label) or starts_with(label, name_key), false)
                then 'domain of many organizations'
            when elsewhere.node is not null then 'domain, but names another company'
            else 'domain'
        end as evidence,
        case evidence
            when 'domain of many organizations' then 0.6
            when 'domain' then if(verified is false, 0.8, 0.85)
            else 0.75
        end,
        coalesce(email, host),
        domain
    from identity_node
    left join elsewhere using (node)
    left join identity_domain using (domain)
    where linkable and not internal
),

-- everyone in the house has the same domain: there, the team is the organization, and domain and name together say which
teams as (
    select node, 'team:' || domain || '/' || plain_name, 'internal team', 0.9, coalesce(email, host), organization_name
    from identity_node
    where internal and plain_name is not null and node not in (select left_node from identity_key where evidence = 'its organization')
),

-- a help desk's organization speaks for its own domain: where it lists others as well, or others list the domain too, by the name
desk_lists as (
    select
        identity_node.node,
        hosts.host,
        domain_of.domain,
        coalesce(
            starts_with(name_key, domain_of.label) or starts_with(domain_of.label, name_key) or jaro_winkler_similarity(name_key, domain_of.label) >= 0.9,
            false
        ) as alike,
        min(domain_of.label) over lists <> max(domain_of.label) over lists or count(*) over (partition by domain_of.domain) > 1 as shared
    from (select distinct node, lower(trim(unnest(domain_names))) as host from support_organization) as hosts
    join domain_of on domain_of.email_or_host = hosts.host and domain_of.linkable
    join identity_node on identity_node.node = hosts.node
    where domain_of.domain not in (select lower(domain) from program_internal_domain)
    window lists as (partition by identity_node.node)
),

desk_domains as (
    select
        node,
        'domain:' || domain,
        case
            when coalesce(many, false) then 'domain of many organizations'
            when shared and not alike then 'help-desk domain of another name'
            else 'help-desk domain'
        end as evidence,
        case evidence when 'help-desk domain' then 0.82 when 'domain of many organizations' then 0.6 else 0.75 end,
        host,
        domain
    from desk_lists
    left join identity_domain using (domain)
),

contract_people as (
    select named.node, 'email:' || coalesce(domain_of.mailbox, named.email), 'named in the contract', 0.9, named.email, named.email
    from (select node, lower(trim(unnest(people).email)) as email from contract) as named
    left join domain_of on domain_of.email_or_host = named.email
    where named.email <> ''
),

ties as (
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
)

select
    left_node,
    right_node,
    split_part(left_node, ':', 1) as left_kind,
    split_part(right_node, ':', 1) as right_kind,
    evidence,
    cast(confidence as double) as confidence,
    left_value,
    right_value
from ties
