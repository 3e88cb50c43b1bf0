-- metric: account_records
-- label: Records of an account
-- question: Which records make up this account?
-- unit: rows
-- grain: one row a record of the account; the e-mails, domains and teams that tie them are among them
-- good: -
-- definition: Every record that identity resolution has put into the account, with the strongest evidence that brought it there.
-- column node: the record: its table, source and id
-- column kind: what kind of record it is
-- column name: what the record is called
-- column evidence: the strongest evidence that ties it to another record of the account
-- column confidence: of that evidence, 0 to 1
-- column anchor: the node that stands for the account, which a decision about the account names

select
    account_member.node,
    account_member.kind,
    account_member.source,
    account_member.id,
    coalesce(identity_node.name, account_member.id, substr(account_member.node, len(account_member.kind) + 2)) as name,
    identity_node.email,
    account_member.evidence,
    account_member.confidence,
    account_cluster.account_id,
    account_cluster.anchor
from account_member
join account_cluster using (account_id)
left join identity_node using (node)
where account_member.account_id in (select account_id from account_alias where alias_id = $account)
order by
    list_position(
        ['organization', 'contract', 'opportunity', 'billing_customer', 'support_organization', 'developer', 'application', 'credential', 'contact',
            'support_user', 'domain', 'email', 'team'],
        account_member.kind
    ),
    name,
    account_member.node
