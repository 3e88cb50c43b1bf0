-- One row per party of program.toml and what was seen of it: an account with a person, or a site, of one of its domains, calls with a key from one of its
-- networks, or visits of public pages from one. A network holds from when it was named on: what was read before is hashed. `subject` is the
-- account; null for visits, which nobody signed.

with domains as (
    select name, lower(domain) as domain
    from program_party_domain
),

hosts as (
    select distinct account_member.account_id, domain_of.host, identity_node.kind
    from identity_node
    join account_member using (node)
    join domain_of on domain_of.email_or_host = coalesce(identity_node.email, identity_node.host)
    where domain_of.host is not null

    union

    select account_id, domain, 'organization'
    from account_name
    where domain is not null
),

by_domain as (
    select
        domains.name,
        hosts.account_id,
        string_agg(distinct hosts.host, ', ' order by hosts.host) as seen_as
    from hosts
    join domains on hosts.host = domains.domain or ends_with(hosts.host, '.' || domains.domain)
    group by domains.name, hosts.account_id
),

calls as (
    select account_id, min(day) as first_day, max(day) as last_day, cast(sum(calls) as bigint) as calls,
        list(distinct service order by service) filter (where service is not null) as services
    from account_usage_day
    where surface = 'api'
    group by account_id
),

by_network as (
    select
        caller_place_day.client_network as name,
        caller_account.account_id,
        min(caller_place_day.day) as first_day,
        max(caller_place_day.day) as last_day,
        cast(sum(caller_place_day.calls) as bigint) as calls,
        list(distinct caller_place_day.service order by caller_place_day.service) filter (where caller_place_day.service is not null) as services
    from caller_place_day
    join caller_account using (caller_id)
    where caller_place_day.client_network is not null
    group by caller_place_day.client_network, caller_account.account_id
),

visits as (
    select client_network as name, min(month) as first_day, max(month) as last_day, cast(sum(views) as bigint) as views
    from visit_month
    where client_network is not null and not by_referrer and not by_page
    group by client_network
),

sightings as (
    select by_domain.name, by_domain.account_id, 'domain' as how, by_domain.seen_as, calls.first_day, calls.last_day, calls.calls, calls.services,
        cast(null as bigint) as views
    from by_domain
    left join calls using (account_id)

    union all

    select name, account_id, 'calls from its network', name, first_day, last_day, calls, services, null
    from by_network

    union all

    select name, null, 'visits from its network', name, first_day, last_day, null, null, views
    from visits
)

select
    program_party.position,
    program_party.name,
    program_party.kind,
    sightings.account_id,
    sightings.how,
    sightings.seen_as,
    sightings.first_day,
    sightings.last_day,
    sightings.calls,
    sightings.services,
    sightings.views
from sightings
join program_party using (name)
