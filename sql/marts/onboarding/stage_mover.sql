-- One row per account and stage that it left for the next one of its tier, with the days that it took.
-- One event that stands for several stages (a self-service order is contact, procurement and contract; a call with a key of which no record tells
-- is key and call at once) is no time spent in any.

select
    here.account_id,
    here.tier,
    here.stage,
    here.position,
    next.stage as next_stage,
    date_diff('second', here.reached_at, next.reached_at) / 86400.0 as days
from account_stage as here
join account_stage as next on next.account_id = here.account_id and next.position = here.position + 1
where here.reached_at < next.reached_at
    or here.event_ref is distinct from next.event_ref
    or (here.event_ref is null and here.event is distinct from next.event)
