-- One row per entrant and stage of its tier: when it entered, and when it reached the stage before this one and this one (null where it has not).

with steps as (
    select
        tier,
        stage,
        lag(stage) over tiers as stage_before,
        cast(row_number() over tiers as integer) as position
    from program_stage
    where stage <> 'discovered'
    window tiers as (partition by tier order by position)
)

select
    entrant.account_id,
    entrant.tier,
    steps.position,
    steps.stage,
    steps.stage_before,
    entrant.entered_at,
    before.reached_at as before_at,
    here.reached_at
from entrant
join steps using (tier)
left join account_stage as here on here.account_id = entrant.account_id and here.position = steps.position
left join account_stage as before on before.account_id = entrant.account_id and before.position = steps.position - 1
