-- One row per account, stage and moment at which it is asked why it stands there: the snapshot's own moment for every account that stands in
-- a stage with a next one (is_now), and the moment at which it became stalled for every stage that took it, or takes it, too long.
-- Whoever went back stands in the lower stage since then, the time without a step runs on, and the stage that it lost is what would be next.
-- Whoever pays, or paid, is never stalled.

with stands as (
    select
        here.account_id,
        here.tier,
        here.stage,
        next.stage as next_stage,
        here.reached_at as since,
        here.reached_at as counted_from,
        next.reached_at as moved_at
    from account_stage as here
    join account_stage as next on next.account_id = here.account_id and next.position = here.position + 1

    union all

    select account_id, tier, stage, next_stage, reached_at, reached_at, null
    from account_stage_now
    where next_stage is not null and went_back_from is null

    union all

    select
        stage_lapse.account_id,
        stage_lapse.tier,
        stage_lapse.to_stage,
        stage_lapse.from_stage,
        stage_lapse.lapsed_at,
        lost.reached_at,
        least(stage_lapse.returned_at, later.reached_at)
    from stage_lapse
    join account_stage as lost on lost.account_id = stage_lapse.account_id and lost.position = stage_lapse.position
    left join account_stage as later on later.account_id = stage_lapse.account_id and later.position = stage_lapse.position + 1
    where stage_lapse.from_stage not in ('paying', 'revenue_share')
),

timed as (
    select
        stands.*,
        greatest(
            stands.counted_from + to_microseconds(cast(round(stage_threshold.threshold_days * 86400000000) as bigint)),
            stands.since
        ) as stalled_at
    from stands
    join stage_threshold using (tier, stage)
    where stands.stage not in ('paying', 'revenue_share')
)

select account_id, tier, stage, next_stage, reached_at as since, as_of as moment, true as is_now, cast(null as timestamp) as moved_at
from account_stage_now
cross join snapshot_info
join stage_threshold using (tier, stage)
where next_stage is not null

union all

select account_id, tier, stage, next_stage, since, stalled_at, false, moved_at
from timed
where stalled_at < coalesce(moved_at, (select as_of from snapshot_info))
