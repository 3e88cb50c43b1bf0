-- One row per application: its developer and the account that it belongs to. The two may belong to different ones: an agency builds for a client.

with developers as (
    select left_node as node, min(right_node) as developer_node
    from identity_link
    where evidence = 'its developer'
    group by left_node
)

select
    application.node,
    application.source,
    application.id as application_id,
    developers.developer_node,
    account_member.account_id,
    account_member.evidence,
    account_member.confidence
from application
join account_member using (node)
left join developers using (node)
