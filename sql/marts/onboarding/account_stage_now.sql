-- One row per account that has reached a stage: where it stands, and which stage would be next (null at the end). `reached_at` is its last step
-- forward; whoever went back since stands lower, `went_back_at` says since when and `furthest_stage` from where. Going back is no step: the time
-- without one runs on.

with last_stages as (
    select *
    from account_stage
    qualify position = max(position) over (partition by account_id)
),

-- a lapse that a later step has ended is history; of whoever grew after paying, the stage that lapsed is the payer's
open_lapses as (
    select stage_lapse.account_id, stage_lapse.from_stage, stage_lapse.to_stage, stage_lapse.position, stage_lapse.lapsed_at
    from stage_lapse
    join last_stages using (account_id)
    where stage_lapse.returned_at is null and stage_lapse.lapsed_at > last_stages.reached_at
    qualify row_number() over (partition by stage_lapse.account_id order by stage_lapse.position) = 1
),

steps as (
    select tier, stage, row_number() over (partition by tier order by position) as position
    from program_stage
    where stage <> 'discovered'
),

standing as (
    select
        last_stages.account_id,
        last_stages.tier,
        coalesce(open_lapses.to_stage, last_stages.stage) as stage,
        coalesce(open_lapses.position - 1, last_stages.position) as position,
        last_stages.reached_at,
        last_stages.stage as furthest_stage,
        open_lapses.from_stage as went_back_from,
        open_lapses.lapsed_at as went_back_at
    from last_stages
    left join open_lapses using (account_id)
)

select standing.*, steps.stage as next_stage
from standing
left join steps on steps.tier = standing.tier and steps.position = standing.position + 1
