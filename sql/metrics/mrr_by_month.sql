-- metric: mrr_by_month
-- label: Recurring revenue by month
-- question: What recurs every month, and what moved it?
-- unit: the reporting currency, a month
-- grain: one row a month; the last one ends on the as-of day
-- good: up
-- definition: MRR is what running subscriptions are worth by the month at a month's end: price × quantity, a year ÷ 12, a quarter ÷ 3, a week × 52 ÷ 12,
--   a day × 365 ÷ 12; after lasting discounts, before tax, at the payer. Usage is apart; trials and pauses count 0; what is past due counts until it is
--   cancelled. A coupon for one bill lowers no MRR. Start + tier change + new + expansion + reactivation − contraction − churn + currency effect = end. An account
--   has one movement a month: churn only when nothing else of it is active; what came and went between two month ends is in none. With a tier chosen, these
--   are the accounts that are in it at the month's end, and what those brought or took that changed tier is the tier change. Others count committed MRR at
--   signature, or leave past-due subscriptions out.
-- column month: first day of the month, UTC
-- column start: MRR at the end of the month before, at that month's rate
-- column tier_change: MRR that accounts brought into the chosen tier less what others took out of it
-- column new: of accounts that had none at any month's end before
-- column expansion: of accounts that had some and have more
-- column reactivation: of accounts that had some once, then none
-- column contraction: of accounts that have less
-- column churn: of accounts that have none any more
-- column currency_effect: what the rates alone changed, a first rate or price included
-- column mrr: MRR at the month's end
-- column payers: accounts with MRR at the month's end
-- column payers_before: accounts with MRR at the end of the month before
-- column gross_churn: (churn + contraction) ÷ (start + tier change)
-- column net_churn: gross churn less (expansion + reactivation) ÷ (start + tier change)
-- column nrr: net revenue retention: (start + expansion − contraction − churn) ÷ start
-- column grr: gross revenue retention: the same without expansion
-- column quick_ratio: (new + expansion) ÷ (contraction + churn); null where nothing was lost
-- column unpriced: subscriptions without a rate or a known price, which are in no figure

with sums as (
    select
        month,
        sum(start_micros) as start,
        sum(new_micros) as new,
        sum(expansion_micros) as expansion,
        sum(reactivation_micros) as reactivation,
        sum(contraction_micros) as contraction,
        sum(churn_micros) as churn,
        sum(currency_effect_micros) as currency_effect,
        sum(mrr_micros) as mrr,
        count(*) filter (where mrr_micros > 0) as payers,
        count(*) filter (where start_micros > 0) as payers_before,
        sum(unpriced) as unpriced
    from mrr_month
    where $tier is null or tier = $tier
    group by month
),

chained as (
    select * exclude (start), start as begun, coalesce(lag(mrr) over (order by month), 0) as start
    from sums
)

select
    month,
    start / 1000000 as start,
    (begun - start) / 1000000 as tier_change,
    new / 1000000 as new,
    expansion / 1000000 as expansion,
    reactivation / 1000000 as reactivation,
    contraction / 1000000 as contraction,
    churn / 1000000 as churn,
    currency_effect / 1000000 as currency_effect,
    mrr / 1000000 as mrr,
    payers,
    payers_before,
    (churn + contraction) / nullif(begun, 0) as gross_churn,
    (churn + contraction - expansion - reactivation) / nullif(begun, 0) as net_churn,
    (begun + expansion - contraction - churn) / nullif(begun, 0) as nrr,
    (begun - contraction - churn) / nullif(begun, 0) as grr,
    (new + expansion) / nullif(contraction + churn, 0) as quick_ratio,
    cast(unpriced as bigint) as unpriced
from chained
where ($date_from is null or month >= date_trunc('month', cast($date_from as date))) and ($date_to is null or month < cast($date_to as date))
order by month
