-- One row per time that an account stood in a stage for longer than its tier's threshold: since when, from when on it counted as
-- stalled, and when it moved on (null where it still stands). The reason is that of the stall that still lasts, else null.

select
    here.account_id,
    here.tier,
    here.stage,
    here.reached_at as since,
    here.reached_at + to_seconds(cast(stage_threshold.threshold_days * 86400 as bigint)) as stalled_at,
    next.reached_at as moved_at,
    stall.reason
from account_stage as here
join stage_threshold using (tier, stage)
left join account_stage as next on next.account_id = here.account_id and next.position = here.position + 1
left join stall on stall.account_id = here.account_id and stall.stage = here.stage and stall.stalled
where here.stage not in ('paying', 'revenue_share')
    and coalesce(next.reached_at, (select as_of from snapshot_info))
        > here.reached_at + to_seconds(cast(stage_threshold.threshold_days * 86400 as bigint))
