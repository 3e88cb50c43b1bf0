-- One row per account that has a next stage: how long it has stood, against what, and if stalled why, at what value, and what to do.
-- Whoever pays has come through: not growing is no stall.

with reasons as (
    select
        stall_reason.account_id,
        arg_min(stall_reason.reason, (stall_reason.position, stall_reason.reason)) as reason,
        arg_min(stall_reason.evidence, (stall_reason.position, stall_reason.reason, stall_reason.evidence)) as evidence,
        list(stall_reason.reason order by stall_reason.position, stall_reason.reason)[2:] as others
    from stall_reason
    group by stall_reason.account_id
),

standing as (
    select
        account_stage_now.account_id,
        account_stage_now.tier,
        account_stage_now.stage,
        account_stage_now.next_stage,
        account_stage_now.position,
        account_stage_now.reached_at,
        date_diff('second', account_stage_now.reached_at, (select as_of from snapshot_info)) / 86400.0 as days,
        stage_threshold.threshold_days,
        stage_threshold.threshold_basis
    from account_stage_now
    join stage_threshold using (tier, stage)
    where account_stage_now.next_stage is not null
)

select
    standing.account_id,
    standing.tier,
    standing.stage,
    standing.next_stage,
    standing.position,
    standing.reached_at as since,
    standing.days,
    standing.threshold_days,
    standing.threshold_basis,
    standing.days > standing.threshold_days and standing.stage not in ('paying', 'revenue_share') as stalled,
    reasons.reason,
    reason.label as reason_label,
    to_json(list_filter(reasons.others, lambda other: other <> 'no_activity')) as secondary_reasons,
    reasons.evidence,
    stage_value.value_micros as value_at_risk_micros,
    reason.next_action,
    reason.whose_move,
    reason.due_days,
    account_owner.owner
from standing
left join reasons using (account_id)
left join reason using (reason)
left join stage_value using (tier, stage)
left join account_owner using (account_id)
