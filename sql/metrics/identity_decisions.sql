-- metric: identity_decisions
-- label: What people decided
-- question: Who said what about which records, and what did it change?
-- unit: rows
-- grain: one row a decision that this snapshot has applied
-- good: -
-- definition: A decision's effect is the difference between the accounts as they are and as they would be without it, all else equal.
-- column action: confirm, reject, merge, split, rename, set_domain or mark_internal
-- column change: joined, parted or nothing; null where it is not about which records belong together
-- column organizations_without: groups of records that differ, without the decision
-- column organizations_with: and with it

select
    identity_decision.id,
    identity_decision.action,
    identity_decision.left_node,
    identity_decision.right_node,
    identity_decision.value,
    identity_decision.author,
    identity_decision.decided_at,
    identity_decision.reason,
    decision_effect.change,
    decision_effect.organizations_without,
    decision_effect.organizations_with,
    decision_effect.developers,
    decision_effect.applications,
    account_member.account_id,
    account.name as account_name
from identity_decision
left join decision_effect on decision_effect.decision_id = identity_decision.id
left join account_member on account_member.node = identity_decision.left_node
left join account using (account_id)
order by identity_decision.decided_at desc, identity_decision.id desc
