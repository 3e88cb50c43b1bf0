-- One row per record and shared key of an account, with the strongest evidence that brought it there.

with evidence as (
    select node, arg_max(evidence, (confidence, evidence)) as evidence, max(confidence) as confidence
    from (
        select left_node as node, evidence, confidence from identity_link where accepted
        union all
        select right_node, evidence, confidence from identity_link where accepted
    )
    group by node
)

select
    identity_member.node,
    identity_member.kind,
    identity_member.source,
    identity_member.id,
    identity_member.created_at,
    account_cluster.account_id,
    coalesce(evidence.evidence, 'its own record') as evidence,
    coalesce(evidence.confidence, 1.0) as confidence
from identity_member
join account_cluster using (cluster)
left join evidence using (node)
