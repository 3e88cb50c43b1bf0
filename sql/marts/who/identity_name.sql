-- One row per name and cluster of keys, addresses and domains that carries it, with what is known of the cluster.
-- `sole`: the name means this cluster and no other: none else has it from its domain or, where no domain says it, from its records.

with members as (
    select identity_core.cluster, identity_core.node, identity_node.* exclude (node)
    from identity_core
    left join identity_node using (node)
),

clusters as (
    select
        cluster,
        arg_min(node, (list_position(['domain', 'organization', 'team', 'contract', 'support_organization'], split_part(node, ':', 1)), node))
            filter (where split_part(node, ':', 1) in ('domain', 'organization', 'team', 'contract', 'support_organization')) as anchor,
        list(distinct country order by country) filter (where country is not null) as countries,
        min(created_at) as first_at,
        max(created_at) filter (where kind in ('developer', 'application')) as last_at,
        count(*) filter (where kind = 'developer') as developers
    from members
    group by cluster
),

said as (
    select cluster, name_key, count(*) as times
    from members
    where kind = 'developer' and name_key is not null
    group by cluster, name_key
),

names as (
    select domains.cluster, domain_of.label as name_key, 1 as rank
    from (
        select cluster, substr(node, 8) as domain
        from identity_core
        where starts_with(node, 'domain:')
    ) as domains
    join domain_of on domain_of.domain = domains.domain and domain_of.linkable

    union all

    select cluster, name_key, if(kind = 'billing_customer', 3, 2)
    from members
    where kind in ('organization', 'contract', 'opportunity', 'support_organization', 'billing_customer') and name_key is not null

    union all

    -- what most of its developers call it, where they do not work there for somebody else
    select cluster, name_key, 3
    from said
    join clusters using (cluster)
    where times > developers / 2 and (times > 1 or developers = 1) and anchor is not null
),

best as (
    select cluster, name_key, min(rank + if(anchor is null, 10, 0)) as rank
    from names
    join clusters using (cluster)
    where name_key is not null and length(name_key) >= 3
    group by cluster, name_key
),

known as (
    select cluster, name_key, rank = min(rank) over (partition by name_key) and count(*) over (partition by name_key, rank) = 1 as sole
    from best

    union all

    -- where nobody but people says a name, the first who said it stands for it
    select cluster, name_key, row_number() over (partition by name_key order by first_at, cluster) = 1
    from said
    join clusters using (cluster)
    where anchor is null and name_key not in (select name_key from best) and length(name_key) >= 3
)

select
    known.name_key,
    known.cluster,
    known.sole,
    coalesce(clusters.anchor, clusters.cluster) as node,
    clusters.anchor is not null as anchored,
    clusters.countries,
    clusters.first_at,
    clusters.last_at,
    clusters.developers
from known
join clusters using (cluster)
