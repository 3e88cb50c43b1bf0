-- One row per account: its rung on the snapshot's day, and the rule that decides it. An account that only begins later has its first one.

select account_id, ladder, rule, position
from ladder_decision
where valid_to is null
