-- metric: party_sightings
-- label: Declared parties, and what was seen of them
-- question: Which competitors, scrapers and regulators are in the room, as whom, and what do they use?
-- unit: rows
-- grain: one row a party of program.toml and what was seen of it; one without an account_id, calls and views where nothing was
-- good: -
-- definition: [[party]] of program.toml names domains and networks. An account counts as seen by a domain where a person, a site or a record of it carries
--   the domain. Calls and visits count as seen by a network where their address lay in it when the log line was read: addresses are kept as hashes, so a network
--   that was named later holds from then on. A domain or a network says who it may be, not what for.
-- column how: domain, calls from its network, visits from its network; null where nothing was seen
-- column seen_as: the domain, or the party's network
-- column calls: API calls: all of the account's (domain), or those from the network
-- column views: pages read from the network
-- column domains: the domains declared
-- column networks: the networks declared

select
    program_party.name as party,
    program_party.kind,
    party_sighting.how,
    party_sighting.seen_as,
    party_sighting.account_id,
    if(party_sighting.account_id is null, null, coalesce(account.name, party_sighting.account_id)) as name,
    account.tier,
    account.stage,
    party_sighting.first_day,
    party_sighting.last_day,
    party_sighting.calls,
    array_to_string(party_sighting.services, ', ') as services,
    party_sighting.views,
    (select string_agg(domain, ', ' order by domain) from program_party_domain where program_party_domain.name = program_party.name) as domains,
    (select string_agg(network, ', ' order by network) from program_party_network where program_party_network.name = program_party.name) as networks
from program_party
left join party_sighting using (name)
left join account using (account_id)
where ($tier is null or account.tier = $tier)
    and ($service is null or list_contains(party_sighting.services, $service))
    and ($search is null or contains(lower(program_party.name || ' ' || coalesce(account.name, '')), lower($search)))
order by program_party.position, party_sighting.how nulls last, party_sighting.calls desc nulls last, party_sighting.account_id
