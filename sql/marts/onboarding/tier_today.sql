-- One row per tier, always four: its people, who never called, and where its accounts stall, as of the snapshot's day.

with tiers as (
    select *
    from (values (1, 'internal'), (2, 'partner'), (3, 'open'), (4, 'public')) as tiers (place, tier)
),

people as (
    select account_tier_now.tier, count(*) as developers
    from developer_account
    join account_tier_now using (account_id)
    group by account_tier_now.tier
),

stages as (
    select tier, stage, count(*) as stalled, median(days) as days, sum(value_at_risk_micros) as value
    from stall
    where stalled
    group by tier, stage
),

reasons as (
    select tier, stage, reason, reason_label
    from stall
    where stalled
    group by tier, stage, reason, reason_label
    qualify row_number() over (partition by tier, stage order by count(*) desc, reason) = 1
),

tops as (
    select stages.*, reasons.reason, reasons.reason_label
    from stages
    left join reasons using (tier, stage)
    qualify row_number() over (partition by stages.tier order by stages.stalled desc, stages.stage) = 1
),

sums as (
    select tier, sum(stalled) as stalled, sum(value) as value
    from stages
    group by tier
),

silent as (
    select tier, count(*) filter (where first_call_at is null) / count(*) as never_called_share
    from conversion_first_call
    where signed_up_at <= (select as_of - interval 14 day from snapshot_info)
    group by tier
)

select
    tiers.place,
    tiers.tier,
    coalesce(people.developers, 0) as developers,
    silent.never_called_share,
    cast(coalesce(sums.stalled, 0) as bigint) as stalled,
    cast(sums.value as bigint) as value_at_risk_micros,
    tops.stage as top_stage,
    tops.reason as top_reason,
    tops.reason_label as top_reason_label,
    cast(coalesce(tops.stalled, 0) as bigint) as top_stalled,
    tops.days as top_days
from tiers
left join people using (tier)
left join silent using (tier)
left join sums using (tier)
left join tops using (tier)
