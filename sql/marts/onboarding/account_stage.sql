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

firsts as materialized (
    select steps.account_id, steps.position, min(stage_event.occurred_at) as occurred_at
    from steps
    join stage_event using (account_id, stage)
    where stage_event.occurred_at <= (select as_of from snapshot_info)
    group by steps.account_id, steps.position
),

-- most accounts' first events come in order as they are; only the others need a look at every later event
ranked as (
    select
        account_id,
        position,
        occurred_at,
        position - row_number() over stages as missing,
        occurred_at < lag(occurred_at) over stages as too_early
    from firsts
    window stages as (partition by account_id order by position)
),

unruly as (
    select distinct account_id
    from ranked
    where missing = 0 and too_early
),

events as materialized (
    select steps.account_id, steps.position, stage_event.occurred_at
    from steps
    join unruly using (account_id)
    join stage_event using (account_id, stage)
    where stage_event.occurred_at <= (select as_of from snapshot_info)
),

walked as (
    select account_id, position, min(occurred_at) as reached_at
    from events
    where position = 1
    group by account_id, position

    union all

    select events.account_id, events.position, min(events.occurred_at)
    from walked
    join events on events.account_id = walked.account_id
        and events.position = walked.position + 1
        and events.occurred_at >= walked.reached_at
    group by events.account_id, events.position
),

reached as (
    select account_id, position, reached_at
    from walked

    union all

    select account_id, position, occurred_at
    from ranked
    where missing = 0 and account_id not in (select account_id from unruly)
)

select * exclude (made_by), made_by.event as event, made_by.event_ref as event_ref
from (
    select
        reached.account_id,
        steps.tier,
        steps.stage,
        cast(reached.position as integer) as position,
        reached.reached_at,
        -- as one value, a record before a call: arg_min would pass over a null
        arg_min(
            struct_pack(event := stage_event.event, event_ref := stage_event.event_ref),
            (stage_event.event_ref is null, coalesce(stage_event.event_ref, ''), stage_event.event)
        ) as made_by
    from reached
    join steps using (account_id, position)
    join stage_event on stage_event.account_id = reached.account_id
        and stage_event.stage = steps.stage
        and stage_event.occurred_at = reached.reached_at
    group by all
)
