-- check: one_account_a_caller
-- question: Does every caller, developer and application belong to exactly one account?
-- severity: error

select 'caller' as what, caller.caller_id as id, count(caller_account.account_id) as accounts
from (select distinct caller_id from callers) as caller
left join caller_account using (caller_id)
group by caller.caller_id
having count(caller_account.account_id) <> 1

union all

select 'record', identity_node.node, count(distinct account_member.account_id)
from identity_node
left join account_member using (node)
where identity_node.kind in ('developer', 'application', 'billing_customer')
group by identity_node.node
having count(distinct account_member.account_id) <> 1
