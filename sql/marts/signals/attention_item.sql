-- One row per thing that changed and matters now, the most money first: series that are unusual, contributions that turned, enterprises that came to
-- wait thirty days. `since` is the first day of it; `value` is of `span_days` that end with `day`. A change counts as one while no more than two days
-- lie between its unusual days, and a rise that follows a fall is another. Fewer errors are no news; a tier's errors that one account's explain are that account's.

with flagged as (
    select *, sign(value - expected) as direction, day - lag(day) over series as gap
    from attention_test
    where is_unusual and (kind not in ('server_errors', 'client_errors', 'tier_server_errors', 'tier_client_errors', 'outgrowing') or value > expected)
    window series as (partition by kind, tier, subject, sign(value - expected) order by day)
),

episodes as (
    select *, sum(if(gap <= 3, 0, 1)) over (partition by kind, tier, subject, direction order by day) as episode
    from flagged
),

latest as (
    select *, min(day) over (partition by kind, tier, subject, direction, episode) as since
    from episodes
    qualify day = max(day) over (partition by kind, tier, subject)
),

ours as (
    select *
    from latest
    where day >= (select max(day) - 2 from attention_test)
),

-- what an account had too many or too few of in the days of its tier's change, whichever days its own change is of
parts as (
    select
        ours.kind,
        ours.tier,
        ours.day,
        ours.value - ours.expected as off,
        sum(seen.value) - any_value(one.expected / one.span_days * ours.span_days) as part
    from ours
    join ours as one on ours.kind = 'tier_' || one.kind and one.tier = ours.tier and one.day = ours.day
    join attention_series as seen on seen.kind = one.kind and seen.tier = one.tier and seen.subject = one.subject
        and seen.day > ours.day - ours.span_days and seen.day <= ours.day
    group by ours.kind, ours.tier, ours.day, off, one.subject
),

explained as (
    select kind, tier, day
    from parts
    where sign(part) = sign(off) and abs(part) >= 0.5 * abs(off)
),

brought as (
    select revenue_event.account_id, sum(net_micros) as micros
    from revenue_event
    where day > (select cast(as_of as date) - 90 from snapshot_info)
    group by revenue_event.account_id
),

tier_brought as (
    select account_tier_now.tier, sum(brought.micros) as micros
    from brought
    join account_tier_now using (account_id)
    group by account_tier_now.tier
),

next_plan as (
    select min(monthly_price) as price
    from program_plan
    where self_serve and not free and monthly_price > 0
),

unusual as (
    select
        ours.kind,
        ours.tier,
        case when ours.kind in ('server_errors', 'client_errors', 'calls') then ours.subject end as account_id,
        case when ours.kind = 'conversion' then split_part(ours.subject, '/', 2) end as stage,
        ours.since,
        ours.day,
        ours.span_days,
        ours.value,
        ours."of",
        ours.expected,
        ours.low,
        ours.high,
        ours.p,
        case
            when ours.kind in ('server_errors', 'client_errors', 'calls') then brought.micros
            when ours.kind in ('tier_server_errors', 'tier_client_errors', 'tier_calls') then tier_brought.micros
            when ours.kind = 'conversion' then cast(abs(ours.expected - ours.value) * stage_value.value_micros as bigint)
            when ours.kind = 'sign_ups' then cast(abs(ours.expected - ours.value) * entry_value.value_micros as bigint)
            when ours.kind = 'outgrowing' then cast(ours.value / ours.span_days * next_plan.price * 12000000 as bigint)
        end as money_micros,
        case
            when ours.kind in ('conversion', 'sign_ups') then 'first-year revenue expected of the difference'
            when ours.kind = 'outgrowing' then 'a year of the next plan for each, an upper bound'
            else 'paid in the last 90 days'
        end as money_is
    from ours
    cross join next_plan
    left join brought on brought.account_id = ours.subject
    left join tier_brought on tier_brought.tier = ours.tier
    left join stage_value on ours.kind = 'conversion' and stage_value.tier = ours.tier and stage_value.stage = split_part(ours.subject, '/', 2)
    left join stage_value as entry_value on ours.kind = 'sign_ups' and entry_value.tier = ours.tier and entry_value.stage = 'signed_up'
    anti join explained on explained.kind = ours.kind and explained.tier = ours.tier and explained.day = ours.day
),

turned as (
    select
        'contribution' as kind, tier, null as account_id, null as stage, day as since, day, 31 as span_days, micros / 1000000 as value,
        cast(null as double) as "of", cast(null as double) as expected, low / 1000000 as low, high / 1000000 as high, cast(null as double) as p,
        cast(abs(micros) as bigint) as money_micros, 'contribution of 31 days' as money_is
    from attention_turn
    where day > (select cast(as_of as date) - 8 from snapshot_info)
),

waiting as (
    select
        'enterprise_waits' as kind, account_tier_now.tier, procurement_waiting.account_id, procurement_waiting.step as stage,
        cast(procurement_waiting.since as date) + 30 as since, cast(procurement_waiting.since as date) + 30 as day, 1 as span_days,
        procurement_waiting.days_waiting as value, cast(null as double) as "of", procurement_waiting.median_days as expected,
        cast(0 as double) as low, procurement_waiting.p75_days as high, cast(null as double) as p,
        procurement_waiting.value_micros as money_micros, 'the contract, a year' as money_is
    from procurement_waiting
    join enterprise_account using (account_id)
    left join account_tier_now using (account_id)
    where procurement_waiting.days_waiting between 30 and 37
)

select everything.*, row_number() over (order by everything.money_micros desc nulls last, everything.p nulls first, everything.kind, everything.tier,
    everything.account_id, everything.stage) as position
from (select * from unusual union all select * from turned union all select * from waiting) as everything
