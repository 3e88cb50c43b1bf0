-- One row per application: its developer and the account that it belongs to.

select
    application.node,
    application.source,
    application.id as application_id,
    developer.node as developer_node,
    account_member.account_id,
    account_member.evidence,
    account_member.confidence
from application
join account_member using (node)
left join developer on developer.source = application.source and developer.id = application.developer_id
