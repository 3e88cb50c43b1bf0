-- One row per record and per shared e-mail, domain or team: the cluster that it belongs to. Every record is in exactly one.

with linked as (
    select left_node as node, cluster from identity_link
    union
    select right_node, cluster from identity_link where accepted
)

select
    coalesce(identity_node.node, linked.node) as node,
    coalesce(identity_node.kind, split_part(linked.node, ':', 1)) as kind,
    identity_node.source,
    identity_node.id,
    identity_node.created_at,
    coalesce('c' || linked.cluster, identity_node.node) as cluster
from identity_node
full join linked on linked.node = identity_node.node
