-- metric: freemium_cohorts
-- label: What free accounts became
-- question: Of those who began free in a month, how many pay, and has it paid for itself?
-- unit: accounts and the reporting currency
-- grain: one row a month in which accounts began
-- good: up
-- definition: Conversion is the share that paid within the window after its first day, of cohorts whose last account has had the whole window; younger ones
--   are in progress, not lost. Who paid before the first success is no conversion and stands apart. Free cost is what the cohort cost while free; contribution
--   is what its converts brought less what they cost since. Payback is the month, counted from the cohort's, by which contribution had paid for the free cost.
-- column cohort: first day of the month in which they began
-- column entrants: accounts that began free
-- column is_mature: whether all of them have had the window
-- column converted: paid within the window
-- column conversion: converted ÷ entrants; null while in progress
-- column paid: paid so far, at any time
-- column still_free: free, and successful in the last 60 days
-- column gone: free, and not successful for 60 days
-- column never_used: free, and never successful
-- column paid_first: paid before the first success; not among the entrants
-- column free_cost: what they cost while free
-- column cost_per_conversion: free cost ÷ paid so far
-- column contribution: what the converts brought less what they cost, since they paid
-- column payback_month: months from the cohort's until contribution covered the free cost; null where it has not

with accounts as (
    select
        *,
        outcome = 'paid' and first_paid_on < started_on + cast(coalesce($window_days, (select conversion_window_days from setting)) as integer)
            as in_window
    from free_account
    where $tier is null or tier = $tier
),

counts as (
    select
        cohort,
        count(*) filter (where not paid_first) as entrants,
        max(started_on) filter (where not paid_first)
            + cast(coalesce($window_days, (select conversion_window_days from setting)) as integer)
            <= (select cast(as_of as date) from snapshot_info) as is_mature,
        count(*) filter (where in_window) as converted,
        count(*) filter (where outcome = 'paid') as paid,
        count(*) filter (where outcome = 'still free') as still_free,
        count(*) filter (where outcome = 'gone') as gone,
        count(*) filter (where outcome = 'never used') as never_used,
        count(*) filter (where paid_first) as paid_first
    from accounts
    group by cohort
),

by_month as (
    select
        cohort,
        month,
        coalesce(sum(cost_micros) filter (where was_free), 0) as free_cost,
        coalesce(sum(revenue_micros - cost_micros) filter (where not was_free), 0) as contribution
    from free_account_month
    where $tier is null or tier = $tier
    group by cohort, month
),

running as (
    select
        cohort,
        month,
        sum(free_cost) over so_far as free_cost,
        sum(contribution) over so_far as contribution
    from by_month
    window so_far as (partition by cohort order by month)
),

sums as (
    select
        cohort,
        arg_max(free_cost, month) as free_cost,
        arg_max(contribution, month) as contribution,
        min(month) filter (where contribution >= free_cost and contribution > 0) as paid_back_in
    from running
    group by cohort
)

select
    counts.cohort,
    counts.entrants,
    coalesce(counts.is_mature, false) as is_mature,
    counts.converted,
    case when counts.is_mature then counts.converted / nullif(counts.entrants, 0) end as conversion,
    counts.paid,
    counts.still_free,
    counts.gone,
    counts.never_used,
    counts.paid_first,
    case when cost_is_known then coalesce(sums.free_cost, 0) / 1000000 end as free_cost,
    case when cost_is_known then sums.free_cost / 1000000 / nullif(counts.paid, 0) end as cost_per_conversion,
    case when cost_is_known and has_billing then coalesce(sums.contribution, 0) / 1000000 end as contribution,
    case when cost_is_known then date_diff('month', counts.cohort, sums.paid_back_in) end as payback_month
from counts
cross join money_known
left join sums using (cohort)
where counts.entrants + counts.paid_first > 0
order by counts.cohort
