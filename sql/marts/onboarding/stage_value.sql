-- One row per tier and stage: what one account that stands there is worth on average, as METRICS has it.
-- Median first-year revenue of the tier's payers × share of those that reached the stage 180 days ago or more and went on to pay.
-- Null where fewer than 5 payers or 10 such accounts are known, and for internal teams.

with payments as (
    select
        account_id,
        day,
        net_micros,
        min(day) filter (where kind = 'invoice' and net_minor > 0) over (partition by account_id) as first_day
    from revenue_event
    where net_micros is not null
),

first_years as (
    select
        account_id,
        any_value(first_day) as first_day,
        -- a younger payer is put on a year, from its third month on
        sum(net_micros) filter (where day >= first_day and day < first_day + 365)
            * 365.0 / least(365, date_diff('day', any_value(first_day), (select cast(as_of as date) from snapshot_info))) as revenue
    from payments
    group by account_id
    having date_diff('day', any_value(first_day), (select cast(as_of as date) from snapshot_info)) >= 90
),

payers as (
    select account_tier_now.tier, median(first_years.revenue) as revenue, count(*) as payers
    from first_years
    join account_tier_now using (account_id)
    where first_years.revenue > 0 and not starts_with(first_years.account_id, 'nobody:')
    group by account_tier_now.tier
),

paying as (
    select account_id, max(occurred_at) as paid_at
    from revenue_event
    where kind = 'invoice' and net_minor > 0
    group by account_id
),

went_on as (
    select
        account_stage.tier,
        account_stage.stage,
        count(*) as reached,
        count(paying.paid_at) as paid
    from account_stage
    left join paying on paying.account_id = account_stage.account_id and paying.paid_at >= account_stage.reached_at
    where account_stage.reached_at <= (select as_of - interval 180 day from snapshot_info)
    group by account_stage.tier, account_stage.stage
)

select
    went_on.tier,
    went_on.stage,
    went_on.reached,
    went_on.paid / went_on.reached as conversion,
    payers.payers,
    cast(round(payers.revenue) as bigint) as first_year_micros,
    cast(round(payers.revenue * went_on.paid / went_on.reached) as bigint) as value_micros
from went_on
join payers using (tier)
where went_on.tier <> 'internal' and payers.payers >= 5 and went_on.reached >= 10
