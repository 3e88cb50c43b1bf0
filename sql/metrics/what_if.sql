-- metric: what_if
-- label: What if
-- question: What would the statements be with another rate, share or price?
-- unit: the reporting currency
-- grain: one row a tier
-- good: up
-- definition: The period's money with the support rate, the cloud's prices and our prices multiplied, and points added to the revenue share of partners. Everything
--   else stays as it was: nobody leaves because of a price, nobody asks less because of a rate; payment fees grow with the price. Nothing is saved.
-- column tier: internal, partner, open or public
-- column revenue: as it was; so with infrastructure, support, outreach, fees, share
-- column share: the revenue share owed to partners, which is in no cost to serve
-- column left_over: revenue less all of these
-- column then_revenue: as it would be; so with then_infrastructure, then_support, then_outreach, then_fees, then_share
-- column then_left_over: what would be left

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast(coalesce($price_factor, 1) as double) as price,
        cast(coalesce($support_factor, 1) as double) as support_rate,
        cast(coalesce($infrastructure_factor, 1) as double) as cloud,
        cast(coalesce($share_points, 0) as double) as points
),

tiers as (
    select * from (values (1, 'internal'), (2, 'partner'), (3, 'open'), (4, 'public')) as tiers (place, tier)
),

money as (
    select
        tier,
        sum(revenue_micros) as revenue,
        sum(infrastructure_cost_micros) as infrastructure,
        sum(support_cost_micros) as support,
        sum(outreach_cost_micros) as outreach,
        sum(fee_cost_micros) as fees
    from account_money_day
    cross join periods
    where day >= since and day < until
    group by tier
),

shares as (
    select
        'partner' as tier,
        sum(share_owed_micros) as share,
        sum(sourced_micros * price * greatest(0, share_percent + points) / 100) as then_share
    from partner_day
    cross join periods
    where day >= since and day < until and share_percent is not null
),

known as (
    select
        tiers.place,
        tiers.tier,
        periods.*,
        case when has_billing and tiers.tier <> 'internal' then coalesce(money.revenue, 0) / 1000000 end as revenue,
        case when has_costs then coalesce(money.infrastructure, 0) / 1000000 end as infrastructure,
        case when has_support_rate or not has_support then coalesce(money.support, 0) / 1000000 end as support,
        coalesce(money.outreach, 0) / 1000000 as outreach,
        coalesce(money.fees, 0) / 1000000 as fees,
        coalesce(shares.share, 0) / 1000000 as share,
        coalesce(shares.then_share, 0) / 1000000 as then_share
    from tiers
    cross join periods
    cross join money_known
    left join money using (tier)
    left join shares using (tier)
)

select
    tier,
    revenue,
    infrastructure,
    support,
    outreach,
    fees,
    share,
    coalesce(revenue, case when tier = 'internal' then 0 end) - infrastructure - support - outreach - fees - share as left_over,
    revenue * price as then_revenue,
    infrastructure * cloud as then_infrastructure,
    support * support_rate as then_support,
    outreach as then_outreach,
    fees * price as then_fees,
    then_share,
    coalesce(revenue * price, case when tier = 'internal' then 0 end) - infrastructure * cloud - support * support_rate - outreach - fees * price
        - then_share as then_left_over
from known
order by place
