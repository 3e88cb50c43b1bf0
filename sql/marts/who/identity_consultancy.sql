-- One row per domain of a consultancy: those who write from there name at least two other organizations that we know.
-- `country` is that of most of its records.

with clients as (
    select identity_node.domain, count(distinct identity_mention.cluster) as clients
    from identity_mention
    join identity_node using (node)
    left join identity_core as own on own.node = 'domain:' || identity_node.domain
    where identity_node.linkable and identity_mention.cluster is distinct from own.cluster
    group by identity_node.domain
    having clients >= 2
),

countries as (
    select domain, country, count(*) as records
    from identity_node
    where linkable and country is not null
    group by domain, country
)

select clients.domain, clients.clients, arg_max(countries.country, (countries.records, countries.country)) as country
from clients
left join countries using (domain)
group by clients.domain, clients.clients
