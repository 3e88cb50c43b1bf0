-- One row per judgement about a stalled account that was not undone, at the account that it belongs to today: what was decided at
-- which stage, the first contact at that stage until then, and when the account left the stage: for the next one, or back to the one that it had lost.
-- Judged under an older id, it follows the records of that id.

with judged as (
    select
        coalesce(account_alias.account_id, raw_account_move.account_id) as account_id,
        raw_account_move.* exclude (account_id, undone_at)
    from raw_account_move
    left join account_alias on account_alias.alias_id = raw_account_move.account_id
    where raw_account_move.undone_at is null
),

steps as (
    select tier, stage, cast(row_number() over (partition by tier order by position) as integer) as position
    from program_stage
    where stage <> 'discovered'
),

-- a judgement about a stage that was lost is about its return; any other about the next step
returned as (
    select judged.id, min(stage_lapse.returned_at) as moved_at, arg_min(stage_lapse.from_stage, stage_lapse.returned_at) as moved_to, count(*) as lapses
    from judged
    join stage_lapse on stage_lapse.account_id = judged.account_id
        and stage_lapse.to_stage = judged.stage
        and stage_lapse.lapsed_at <= judged.decided_at
    where coalesce(stage_lapse.returned_at > judged.decided_at, true)
    group by judged.id
)

select
    judged.*,
    row_number() over (partition by judged.account_id order by judged.decided_at desc, judged.id desc) = 1 as is_last,
    steps.position,
    if(returned.lapses is null, next.reached_at, returned.moved_at) as moved_at,
    if(returned.lapses is null, next.stage, returned.moved_to) as moved_to
from judged
left join account_stage_now using (account_id)
left join steps on steps.tier = account_stage_now.tier and steps.stage = judged.stage
left join account_stage as next on next.account_id = judged.account_id and next.position = steps.position + 1
left join returned on returned.id = judged.id
