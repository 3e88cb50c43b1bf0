-- One row per tier and whole day on which what it contributed in 31 days changed its sign, after it had kept it for as long: 31, so that a bill
-- of each month is in it. `low` to `high` is what it was in the ninety days before. The last day is the last one with a cost of infrastructure, so that
-- a cloud bill that is late is no gain. Our own teams have no revenue, so nothing of theirs turns; nor does what is not known, or holds money
-- without a rate.

with bounds as (
    select
        -- null where no bill came to an account, which least ignores
        least(cast(as_of as date) - 1, (select max(day) from account_money_day where infrastructure_cost_micros is not null)) as last_day,
        cast(as_of as date) - (setting.attention_days + 123) as first_day
    from snapshot_info
    cross join setting
),

by_day as (
    select
        account_money_day.tier,
        account_money_day.day,
        sum(coalesce(revenue_micros, 0) - coalesce(infrastructure_cost_micros, 0) - coalesce(support_cost_micros, 0)
            - coalesce(outreach_cost_micros, 0) - coalesce(fee_cost_micros, 0)) as micros,
        sum(unpriced) as unpriced
    from account_money_day
    cross join money_known
    where has_billing and cost_is_known and account_money_day.tier <> 'internal'
        and account_money_day.day between (select first_day - 30 from bounds) and (select last_day from bounds)
    group by account_money_day.tier, account_money_day.day
),

starts as (
    select tier, min(day) as began from by_day group by tier
),

days as (
    select starts.tier, cast(unnest(generate_series(starts.began, (select last_day from bounds), interval 1 day)) as date) as day
    from starts
),

filled as (
    select days.tier, days.day, starts.began, coalesce(by_day.micros, 0) as micros, coalesce(by_day.unpriced, 0) as unpriced
    from days
    join starts using (tier)
    left join by_day using (tier, day)
),

months as (
    select tier, day, began, if(sum(unpriced) over month > 0, null, sum(micros) over month) as micros
    from filled
    window month as (partition by tier order by day rows between 30 preceding and current row)
),

whole as (
    select
        tier,
        day,
        micros,
        count(*) over before as days_before,
        count(*) filter (where micros > 0) over before as gains,
        count(*) filter (where micros < 0) over before as losses,
        min(micros) over (partition by tier order by day rows between 90 preceding and 1 preceding) as low,
        max(micros) over (partition by tier order by day rows between 90 preceding and 1 preceding) as high
    from months
    where day >= began + 30
    window before as (partition by tier order by day rows between 31 preceding and 1 preceding)
)

select tier, day, micros, low, high
from whole
where days_before = 31
    and ((gains = 31 and micros < 0) or (losses = 31 and micros > 0))
    and day > (select last_day - attention_days from bounds cross join setting)
