-- metric: freemium_summary
-- label: Does freemium pay?
-- question: Does free pay for itself?
-- unit: the reporting currency
-- grain: one row
-- good: up
-- definition: Of the period's days. Break-even conversion is the share of free accounts that would have to pay for all of them to be paid for: free cost ÷
--   contribution of one account that pays ÷ free accounts. The actual conversion is that of mature cohorts: all who have had the whole window, whatever their
--   month. What a customer cost to win (CAC) is the free cost, outreach in it, ÷ new payers; payback is CAC ÷ (its monthly revenue × margin), its revenue ÷ the
--   months that it was one, thirty days at the least; LTV is that monthly gain ÷ monthly churn. LTV is none where nothing churned or fewer than 30 pay.
-- column free_accounts: accounts that were free at some time of the period
-- column free_cost: what they cost while free
-- column cost_per_account_month: free cost ÷ free accounts ÷ months
-- column payers: accounts of these tiers that paid before or in the period and were seen in it
-- column contribution_per_payer: their contribution ÷ payers
-- column break_even: free cost ÷ contribution per payer ÷ free accounts
-- column mature_entrants: accounts that began free and have had the whole window
-- column mature_converted: of those, paid within it
-- column conversion: mature converted ÷ mature entrants
-- column in_progress: accounts that have not had the whole window
-- column paid_first: accounts that paid before their first success, which are no conversions
-- column burden: free cost ÷ revenue of all tiers
-- column new_payers: free accounts whose first paid bill is in the period
-- column cac: free cost ÷ new payers; outreach that brought free accounts is in the free cost
-- column margin: contribution ÷ revenue of those who pay
-- column payback_months: CAC ÷ (monthly revenue of a payer × margin)
-- column ltv: monthly revenue of a payer × margin ÷ monthly churn

with periods as (
    select
        cast(coalesce($date_from, (select min(day) from account_money_day), date '2000-01-01') as date) as since,
        cast(coalesce($date_to, (select cast(as_of as date) + 1 from snapshot_info)) as date) as until
),

spans as (
    select *, greatest(1, until - greatest(since, coalesce((select min(day) from account_money_day), since))) / (365.0 / 12) as months
    from periods
),

free as (
    select
        count(*) filter (where started_on < until and free_until > since and not paid_first) as free_accounts,
        count(*) filter (where outcome = 'paid' and first_paid_on >= since and first_paid_on < until) as new_payers,
        count(*) filter (where paid_first) as paid_first
    from free_account
    cross join periods
    where $tier is null or tier = $tier
),

mature as (
    select
        count(*) filter (where had_it) as mature_entrants,
        count(*) filter (where had_it and outcome = 'paid' and first_paid_on < started_on + days) as mature_converted,
        count(*) filter (where not had_it) as in_progress
    from (
        select
            free_account.*,
            cast(coalesce($window_days, (select conversion_window_days from setting)) as integer) as days,
            started_on + cast(coalesce($window_days, (select conversion_window_days from setting)) as integer)
                <= (select cast(as_of as date) from snapshot_info) as had_it
        from free_account
        where not paid_first and ($tier is null or tier = $tier)
    )
),

money as (
    select
        coalesce(sum(cost) filter (where was_free and not paid_first), 0) as free_cost,
        count(distinct account_id) filter (where not was_free) as payers,
        coalesce(sum(revenue) filter (where not was_free), 0) as revenue,
        coalesce(sum(revenue - cost) filter (where not was_free), 0) as contribution
    from (
        select
            account_id,
            day < free_until as was_free,
            paid_first,
            coalesce(revenue_micros, 0) as revenue,
            coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
                + coalesce(fee_cost_micros, 0) as cost
        from account_money_day
        join free_account using (account_id)
        cross join periods
        where day >= since and day < until and ($tier is null or free_account.tier = $tier)
    )
),

payer_time as (
    select sum(case when first_paid_on < since then until - since else greatest(30, until - first_paid_on) end) / (365.0 / 12) as payer_months
    from free_account
    cross join periods
    where first_paid_on < until
        and ($tier is null or tier = $tier)
        and exists (
            select 1 from account_money_day as money
            where money.account_id = free_account.account_id and money.day >= since and money.day < until and money.day >= free_until
        )
),

everybody as (
    select sum(revenue_micros) as revenue
    from account_money_day
    cross join periods
    where day >= since and day < until
),

churn as (
    select sum(churn_micros) / nullif(sum(start_micros), 0) as monthly
    from mrr_month
    join free_account using (account_id)
    cross join periods
    where mrr_month.month >= date_trunc('month', since) and mrr_month.month < until and ($tier is null or free_account.tier = $tier)
),

sums as (
    select
        free.*,
        mature.*,
        cost_is_known,
        cost_is_known and has_billing as is_known,
        spans.months,
        money.payers,
        money.free_cost / 1000000 as free_cost,
        money.contribution / 1000000 / nullif(money.payers, 0) as contribution_per_payer,
        money.contribution / nullif(money.revenue, 0) as margin,
        money.revenue / 1000000 / nullif(payer_time.payer_months, 0) as revenue_per_payer_month,
        everybody.revenue / 1000000 as revenue,
        churn.monthly as churn
    from free, mature, money, payer_time, everybody, churn, spans, money_known
)

select
    free_accounts,
    case when cost_is_known then free_cost end as free_cost,
    case when cost_is_known then free_cost / nullif(free_accounts, 0) / months end as cost_per_account_month,
    payers,
    case when is_known then contribution_per_payer end as contribution_per_payer,
    case when is_known and contribution_per_payer > 0 then free_cost / contribution_per_payer / nullif(free_accounts, 0) end as break_even,
    mature_entrants,
    mature_converted,
    mature_converted / nullif(mature_entrants, 0) as conversion,
    in_progress,
    paid_first,
    case when cost_is_known then free_cost / nullif(revenue, 0) end as burden,
    new_payers,
    case when cost_is_known then free_cost / nullif(new_payers, 0) end as cac,
    case when is_known then margin end as margin,
    case when is_known and margin > 0 then free_cost / nullif(new_payers, 0) / nullif(revenue_per_payer_month * margin, 0) end as payback_months,
    case when is_known and margin > 0 and churn > 0 and payers >= 30 then revenue_per_payer_month * margin / churn end as ltv
from sums
