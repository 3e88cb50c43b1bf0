-- One row per account and change of its stage, forwards (its first step included), back, and forwards again, with the event that made it.

select
    account_id,
    tier,
    lag(stage) over (partition by account_id order by position) as from_stage,
    stage as to_stage,
    reached_at as occurred_at,
    'forward' as direction,
    event,
    event_ref
from account_stage

union all

select account_id, tier, from_stage, to_stage, lapsed_at, 'back', event, event_ref
from stage_lapse

union all

select account_id, tier, to_stage, from_stage, returned_at, 'again', made_by.event, made_by.event_ref
from (
    select stage_lapse.account_id, stage_lapse.tier, stage_lapse.to_stage, stage_lapse.from_stage, stage_lapse.returned_at,
        -- as one value: arg_min would pass over a null
        arg_min(
            struct_pack(event := stage_event.event, event_ref := stage_event.event_ref),
            (stage_event.event_ref is null, coalesce(stage_event.event_ref, ''), stage_event.event)
        ) as made_by
    from stage_lapse
    join stage_event on stage_event.account_id = stage_lapse.account_id and stage_event.stage = stage_lapse.from_stage
        and stage_event.occurred_at = stage_lapse.returned_at
    group by all
)
