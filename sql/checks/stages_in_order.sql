-- check: stages_in_order
-- question: Has any account reached a stage before the one before it?
-- severity: error

select later.account_id, later.stage, later.reached_at, earlier.stage as stage_before, earlier.reached_at as reached_before
from account_stage as later
left join account_stage as earlier on earlier.account_id = later.account_id and earlier.position = later.position - 1
where later.position > 1 and (earlier.reached_at is null or later.reached_at < earlier.reached_at)
