-- One row per domain that may link: what those who write from there call their organization, and whether it is more than one.
-- `many`: at least five names that have nothing to do with the domain's own, more often than its own: a campus, a provider, an incubator.

with named as (
    select domain, label, name_key, node
    from identity_node
    where linkable and not internal and name_key is not null

    union all

    select domains.domain, domains.label, identity_node.name_key, identity_node.node
    from (
        select node, lower(trim(unnest(domain_names))) as host from support_organization
    ) as hosts
    join domain_of as domains on domains.email_or_host = hosts.host and domains.linkable
    join identity_node on identity_node.node = hosts.node
    where identity_node.name_key is not null
),

judged as (
    select
        domain,
        name_key,
        count(distinct node) as records,
        bool_or(
            starts_with(name_key, label) or starts_with(label, name_key) or (length(label) >= 4 and contains(name_key, label))
        ) as own
    from named
    group by domain, name_key
)

select
    domain,
    count(*) as names,
    count(*) filter (where not own) as other_names,
    coalesce(sum(records) filter (where own), 0) as records_of_own_name,
    coalesce(sum(records) filter (where not own), 0) as records_of_other_names,
    max(records) filter (where not own) as most_of_one_other_name,
    other_names >= 5 and records_of_other_names > records_of_own_name and most_of_one_other_name <= records_of_other_names / 2 as many
from judged
group by domain
