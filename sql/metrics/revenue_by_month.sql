-- metric: revenue_by_month
-- label: Collected and earned by month
-- question: What was paid, and what was earned?
-- unit: the reporting currency
-- grain: one row a month, up to the as-of day and, for what is billed ahead, after it
-- good: up
-- definition: Collected is cash: paid bills net of tax on the day that they were paid, less credit notes, refunds and disputes on their days. Recognised is
--   what was earned: each line of a sent bill spread over the time that it pays for, second by second, less what was given back or given up. Months after
--   the as-of day hold what is billed and still to be earned (deferred revenue). Amounts are at the rate of the day of the bill or payment.
-- column month: first day of the month, UTC
-- column is_ahead: whether the month lies after the as-of day's
-- column billed: paid bills, net of tax
-- column given_back: credit notes, refunds and disputes (negative), and disputes won
-- column collected: the two together: revenue as contribution uses it
-- column recurring: recognised of subscriptions
-- column usage: recognised of metered use
-- column one_off: recognised of what was sold once
-- column taken_back: given back, or given up as uncollectible (negative)
-- column recognised: the four together
-- column mrr: recurring revenue at the month's end
-- column unpriced: bills and lines in a currency without a rate, which are in no figure

with months as (
    select date_trunc('month', day) as month, tier_of.tier, kind = 'invoice' as is_bill, net_micros as collected, null as kind, null as recognised,
        null as mrr, case when unpriced_reason is not null then 1 end as unpriced
    from revenue_event
    left join account_tier as tier_of on tier_of.account_id = revenue_event.account_id
        and revenue_event.day >= tier_of.covers_from and revenue_event.day < tier_of.covers_to
    union all
    select month, tier, null, null, kind, recognised_micros, null, null from recognised_month
    union all
    select month, tier, null, null, null, null, mrr_micros, unpriced from mrr_month
    union all
    select date_trunc('month', bill_line.billed_at), tier_of.tier, null, null, null, null, null, 1
    from bill_line
    left join account_tier as tier_of on tier_of.account_id = bill_line.account_id
        and cast(bill_line.billed_at as date) >= tier_of.covers_from and cast(bill_line.billed_at as date) < tier_of.covers_to
    where bill_line.unpriced_reason is not null
),

placed as (
    select *, month > (select as_of from snapshot_info) as is_ahead from months
)

select
    cast(month as date) as month,
    is_ahead,
    case when not is_ahead then coalesce(sum(collected) filter (where is_bill), 0) / 1000000 end as billed,
    case when not is_ahead then coalesce(sum(collected) filter (where not is_bill), 0) / 1000000 end as given_back,
    case when not is_ahead then coalesce(sum(collected), 0) / 1000000 end as collected,
    coalesce(sum(recognised) filter (where kind = 'recurring'), 0) / 1000000 as recurring,
    coalesce(sum(recognised) filter (where kind = 'usage'), 0) / 1000000 as usage,
    coalesce(sum(recognised) filter (where kind = 'one-off'), 0) / 1000000 as one_off,
    coalesce(sum(recognised) filter (where kind in ('given back', 'given up')), 0) / 1000000 as taken_back,
    coalesce(sum(recognised), 0) / 1000000 as recognised,
    case when not is_ahead then coalesce(sum(mrr), 0) / 1000000 end as mrr,
    cast(coalesce(sum(unpriced), 0) as bigint) as unpriced
from placed
where ($tier is null or coalesce(tier, 'public') = $tier)
    and ($date_from is null or month >= date_trunc('month', cast($date_from as date)))
group by month, is_ahead
order by month
