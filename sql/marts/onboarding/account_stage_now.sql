-- One row per account that has reached a stage: where it stands, since when, and which stage would be next (null at the end).

with last_stages as (
    select *
    from account_stage
    qualify position = max(position) over (partition by account_id)
),

steps as (
    select tier, stage, row_number() over (partition by tier order by position) as position
    from program_stage
    where stage <> 'discovered'
)

select
    last_stages.account_id,
    last_stages.tier,
    last_stages.stage,
    last_stages.position,
    last_stages.reached_at,
    steps.stage as next_stage
from last_stages
left join steps on steps.tier = last_stages.tier and steps.position = last_stages.position + 1
