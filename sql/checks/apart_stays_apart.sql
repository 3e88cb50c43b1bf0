-- check: apart_stays_apart
-- question: Are two records in one account that a person keeps apart?
-- severity: error

select identity_decision.left_node, identity_decision.right_node, earlier.account_id
from identity_decision
join account_member as earlier on earlier.node = identity_decision.left_node
join account_member as later on later.node = identity_decision.right_node and later.account_id = earlier.account_id
where identity_decision.action in ('reject', 'split')
