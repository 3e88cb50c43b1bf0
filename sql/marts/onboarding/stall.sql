-- One row per account that has a next stage: how long it has stood, against what, and if stalled why, at what value, and what to do.
-- `secondary_evidence` is a JSON list of the other reasons that hold: {reason, label, evidence}. Whoever pays has come through: not growing is no
-- stall. Whoever paid and left is lost, which is another matter. `since` is its last step forward, `stands_since` also the day on which it went back,
-- `stalled_at` when it has stood, or will have stood, too long.

with reasons as (
    select
        stall_reason.account_id,
        list(
            struct_pack(reason := stall_reason.reason, label := reason.label, evidence := stall_reason.evidence, is_rest := reason.is_rest)
            order by stall_reason.position
        ) as found
    from stall_reason
    join reason using (reason)
    where stall_reason.is_now
    group by stall_reason.account_id
),

-- whatever always holds says nothing beside another reason
why as (
    select
        account_id,
        found[1].reason as reason,
        found[1].evidence as evidence,
        list_transform(
            list_filter(found[2:], lambda one: not one.is_rest),
            lambda one: struct_pack(reason := one.reason, label := one.label, evidence := one.evidence)
        ) as others
    from reasons
),

standing as (
    select
        account_stage_now.account_id,
        account_stage_now.tier,
        account_stage_now.stage,
        account_stage_now.next_stage,
        account_stage_now.position,
        account_stage_now.reached_at,
        account_stage_now.went_back_from,
        coalesce(account_stage_now.went_back_at, account_stage_now.reached_at) as stands_since,
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
    standing.stands_since,
    greatest(
        standing.reached_at + to_microseconds(cast(round(standing.threshold_days * 86400000000) as bigint)), standing.stands_since
    ) as stalled_at,
    standing.days,
    standing.threshold_days,
    standing.threshold_basis,
    standing.days > standing.threshold_days and standing.stage not in ('paying', 'revenue_share')
        and coalesce(standing.went_back_from not in ('paying', 'revenue_share'), true) as stalled,
    why.reason,
    reason.label as reason_label,
    to_json(list_transform(why.others, lambda one: one.reason)) as secondary_reasons,
    to_json(why.others) as secondary_evidence,
    why.evidence,
    stage_value.value_micros as value_at_risk_micros,
    reason.next_action,
    reason.whose_move,
    reason.due_days
from standing
left join why using (account_id)
left join reason using (reason)
left join stage_value using (tier, stage)
