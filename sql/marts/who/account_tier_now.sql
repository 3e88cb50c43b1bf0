-- One row per account: its tier on the snapshot's day. An account that only begins later has its first one.

select account_id, tier, rule
from account_tier
where
    (select cast(as_of as date) from snapshot_info) >= covers_from
    and (select cast(as_of as date) from snapshot_info) < covers_to
