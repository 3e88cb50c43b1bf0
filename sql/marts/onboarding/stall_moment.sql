-- One row per account, stage and moment at which it is asked why it stands there: the snapshot's own moment for every account that stands in
-- a stage with a next one (is_now), and the moment at which it became stalled for every stage that took it, or takes it, too long.
-- Whoever pays, or paid, is never stalled.

with stands as (
    select
        here.account_id,
        here.tier,
        here.stage,
        moved.stage as next_stage,
        here.reached_at as since,
        moved.reached_at as moved_at,
        false as is_here,
        here.stage not in ('paying', 'revenue_share') as can_stall,
        moved.reached_at as until
    from account_stage as here
    join account_stage as moved on moved.account_id = here.account_id and moved.position = here.position + 1

    union all

    select
        account_id,
        tier,
        stage,
        next_stage,
        reached_at,
        null,
        true,
        stage not in ('paying', 'revenue_share') and coalesce(went_back_from not in ('paying', 'revenue_share'), true),
        (select as_of from snapshot_info)
    from account_stage_now
    where next_stage is not null
),

timed as (
    select
        stands.*,
        stage_threshold.threshold_days,
        date_diff('second', stands.since, stands.until) / 86400.0 as days
    from stands
    join stage_threshold using (tier, stage)
)

select account_id, tier, stage, next_stage, since, snapshot_info.as_of as moment, true as is_now, cast(null as timestamp) as moved_at
from timed
cross join snapshot_info
where is_here

union all

select
    account_id,
    tier,
    stage,
    next_stage,
    since,
    least(since + to_microseconds(cast(round(threshold_days * 86400000000) as bigint)), until),
    false,
    moved_at
from timed
where days > threshold_days and can_stall
