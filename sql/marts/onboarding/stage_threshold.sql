-- One row per tier and stage: after how many days an account counts as stalled, and what that rests on. A day at least: where most move on
-- within minutes, an hour is no stall yet.

with movers as (
    select tier, stage, count(*) as movers, quantile_cont(days, 0.75) as p75
    from stage_mover
    group by tier, stage
)

select
    program_stage.tier,
    program_stage.stage,
    coalesce(movers.movers, 0) as movers,
    case
        when coalesce(movers.movers, 0) >= setting.movers_needed then greatest(1, movers.p75)
        else coalesce(cast(program_stage.stalled_after_days as double), 30)
    end as threshold_days,
    case
        when coalesce(movers.movers, 0) >= setting.movers_needed then 'three of four of the ' || movers.movers || ' that moved on took less'
        else 'set in program.toml; only ' || coalesce(movers.movers, 0) || ' moved on'
    end as threshold_basis
from program_stage
cross join setting
left join movers using (tier, stage)
