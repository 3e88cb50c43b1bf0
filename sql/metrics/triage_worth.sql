-- metric: triage_worth
-- label: What a free account is worth our time
-- question: How much may we spend on a free account of each class?
-- unit: the reporting currency
-- grain: one row a class
-- good: -
-- definition: What those who paid brought in the 180 days from their first paid bill, less what they cost in them (median, of those who have had these days), × the
--   mean chance now of the class: what an account may cost before it pays for itself. Hours are that ÷ the rate of an hour of support that holds today for
--   all groups. It says what an account is worth if our time changed nothing; whether time changes it, an experiment must say. Null without bills or without
--   costs, or where fewer than 5 have had the days; who has money without a currency rate in them is left out.
-- column class: commercial, prototype, exploring, hobby, abuse or undetermined
-- column accounts: free accounts within their 180 days
-- column chance: their mean chance now
-- column cost_month: what one costs a month while free, on average since it began; null without a cloud bill
-- column brings: what a conversion brings in its first 180 days
-- column conversions: those that this rests on
-- column worth: chance × what a conversion brings
-- column hour_rate: what an hour of support costs today; null where program.toml has no rate for all groups
-- column hours: worth ÷ the rate of an hour
-- column advice: what follows; null where it rests on a worth or a rate that is not known

with converts as (
    select triage_account.account_id, triage_account.first_paid_on
    from triage_account
    join triage_window on triage_window.account_id = triage_account.account_id and triage_window.window_day = 3
    where triage_account.paid_after_days < 180
        and triage_account.first_paid_on + 180 <= (select cast(as_of as date) from snapshot_info)
),

brought as (
    select
        converts.account_id,
        sum(
            coalesce(money.revenue_micros, 0) - coalesce(money.infrastructure_cost_micros, 0) - coalesce(money.support_cost_micros, 0)
            - coalesce(money.outreach_cost_micros, 0) - coalesce(money.fee_cost_micros, 0)
        ) / 1000000 as contribution
    from converts
    join account_money_day as money on money.account_id = converts.account_id
        and money.day >= converts.first_paid_on
        and money.day < converts.first_paid_on + 180
    group by converts.account_id
    having sum(money.unpriced) = 0
),

conversion as (
    select median(contribution) as brings, count(*) as conversions
    from brought
),

spent as (
    select account_id, sum(cost_micros) / 1000000 as cost
    from free_account_month
    where was_free
    group by account_id
),

classes as (
    select
        triage_result.class,
        count(*) filter (where not triage_result.is_over) as accounts,
        avg(triage_result.chance_now) filter (where not triage_result.is_over) as chance,
        sum(coalesce(spent.cost, 0)) / sum(triage_result.age_days / (365.0 / 12)) as cost_month
    from triage_result
    left join spent using (account_id)
    where ($tier is null or triage_result.tier = $tier)
    group by triage_result.class
),

dated as (
    select arg_max(micros_per_minute, coalesce(valid_from, date '0001-01-01')) as micros_per_minute
    from program_support_rate
    where group_name is null and coalesce(valid_from, date '0001-01-01') <= (select cast(as_of as date) from snapshot_info)
),

known as (
    select
        classes.*,
        conversion.conversions,
        if(money_known.cost_is_known, classes.cost_month, null) as month,
        if(money_known.has_billing and money_known.cost_is_known and conversion.conversions >= 5, conversion.brings, null) as per_conversion,
        coalesce(dated.micros_per_minute, setting.support_micros_per_minute) * 60 / 1000000 as hour
    from classes
    cross join conversion
    cross join money_known
    cross join setting
    cross join dated
)

select
    class,
    accounts,
    chance,
    month as cost_month,
    per_conversion as brings,
    conversions,
    chance * per_conversion as worth,
    hour as hour_rate,
    chance * per_conversion / nullif(hour, 0) as hours,
    case
        when class = 'abuse' then 'Look at it: limit or talk, by a person''s decision'
        when class = 'undetermined' then 'What helps everyone to a first call: docs, quickstart, automatic mails'
        when chance * per_conversion is null or hour is null then null
        when chance * per_conversion >= hour then 'A person''s time, up to the hours beside'
        when chance * per_conversion >= hour / 4 then 'A personal mail; no call'
        else 'Self-service only'
    end as advice
from known
order by list_position(['commercial', 'prototype', 'exploring', 'hobby', 'abuse', 'undetermined'], class)
