-- One row per account and stage in which it stood, or stands, longer than those who moved on: since when, when it became stalled and why then,
-- and when it reached the next stage (null where it has not).

with reasons as (
    select account_id, stage, moment, arg_min(reason, position) as reason
    from stall_reason
    where not is_now
    group by account_id, stage, moment
)

select
    stall_moment.account_id,
    stall_moment.tier,
    stall_moment.stage,
    stall_moment.next_stage,
    stall_moment.since,
    stall_moment.moment as stalled_at,
    stall_moment.moved_at,
    reasons.reason
from stall_moment
left join reasons using (account_id, stage, moment)
where not stall_moment.is_now
