-- metric: identity_record
-- label: One record as its source has it
-- question: What does this record say?
-- unit: rows
-- grain: one row a record, or a shared domain, e-mail or team
-- good: -
-- definition: The record's own words, beside the account that it is in today. A shared domain, e-mail or team shows how many records carry it.
-- column node: the record: its table, source and id
-- column records: how many records of the account carry the same domain, e-mail or team; 1 for a record
-- column calls: calls of its account in the 90 days before the snapshot

with calls as (
    select account_id, cast(sum(calls) as bigint) as calls
    from account_day
    where day > (select cast(as_of as date) from snapshot_info) - 90
    group by account_id
)

select
    account_member.node,
    account_member.kind,
    account_member.source,
    account_member.id,
    coalesce(identity_node.name, account_member.id, substr(account_member.node, len(account_member.kind) + 2)) as name,
    identity_node.email,
    coalesce(identity_node.domain, if(account_member.kind = 'domain', substr(account_member.node, 8), null)) as domain,
    identity_node.organization_name,
    identity_node.country,
    account_member.created_at,
    account.account_id,
    account.name as account_name,
    account.tier,
    account.developers,
    account.applications,
    coalesce(calls.calls, 0) as calls,
    (select count(*) from identity_link where identity_link.right_node = account_member.node) as records
from account_member
join account using (account_id)
left join identity_node using (node)
left join calls using (account_id)
where account_member.node = $node
