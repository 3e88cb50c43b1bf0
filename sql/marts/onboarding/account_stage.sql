-- One row per account and stage that it has reached, in the order of its tier: each at its first event on or after the stage before.
-- An account stops at the first stage without such an event; what came too early, or out of turn, does not count.

with recursive steps as (
    select account_tier_now.account_id, account_tier_now.tier, program_stage.stage,
        row_number() over (partition by account_tier_now.account_id order by program_stage.position) as position
    from account_tier_now
    join program_stage using (tier)
    -- discovery is anonymous: it is counted, and never an account's own step
    where program_stage.stage <> 'discovered' and not starts_with(account_tier_now.account_id, 'nobody:')
),

events as materialized (
    select steps.account_id, steps.tier, steps.position, steps.stage, stage_event.occurred_at,
        arg_min(stage_event.event, coalesce(stage_event.event_ref, '')) as event,
        min(stage_event.event_ref) as event_ref
    from steps
    join stage_event using (account_id, stage)
    where stage_event.occurred_at is not null and stage_event.occurred_at <= (select as_of from snapshot_info)
    group by all
),

reached as (
    select account_id, position, min(occurred_at) as reached_at
    from events
    where position = 1
    group by account_id, position

    union all

    select events.account_id, events.position, min(events.occurred_at)
    from reached
    join events on events.account_id = reached.account_id
        and events.position = reached.position + 1
        and events.occurred_at >= reached.reached_at
    group by events.account_id, events.position
)

select
    events.account_id,
    events.tier,
    events.stage,
    cast(events.position as integer) as position,
    reached.reached_at,
    events.event,
    events.event_ref
from reached
join events on events.account_id = reached.account_id and events.position = reached.position and events.occurred_at = reached.reached_at
