-- One row per account: its tier on the snapshot's day, and the rule that decides it. An account that only begins later has its first one.

select account_id, tier, rule, position
from tier_decision
where valid_to is null
