-- One row per developer: the account that he or she belongs to.

select
    developer.node,
    developer.source,
    developer.id as developer_id,
    account_member.account_id,
    account_member.evidence,
    account_member.confidence
from developer
join account_member using (node)
