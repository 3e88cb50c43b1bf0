-- metric: mrr_retention
-- label: Revenue kept
-- question: Of what recurred at the beginning, how much is left?
-- unit: a share
-- grain: one row; no figure where nothing recurred at the beginning
-- good: up
-- definition: Of the accounts that had MRR when the months began, whatever others brought since. Net revenue retention (NRR): their MRR at the end ÷ at the
--   beginning: (start + expansion − contraction − churn) ÷ start. Gross (GRR): the same with no account above what it began with. What rates alone changed is
--   left out. With a tier chosen, accounts that were in it at the end of the first month. Over one month it is the month's own NRR.
-- column month: first month, UTC
-- column payers: accounts with MRR at the beginning
-- column start: their MRR at the beginning
-- column kept: their MRR at the end
-- column nrr: kept ÷ start
-- column grr: the same with no account above its start

with months as (
    select *, min(month) over () as first_month
    from mrr_month
    where ($date_from is null or month >= date_trunc('month', cast($date_from as date)))
        and ($date_to is null or month < cast($date_to as date))
),

began as (
    select account_id, first_month, start_micros as start
    from months
    where month = first_month and start_micros > 0 and ($tier is null or tier = $tier)
),

accounts as (
    select
        began.account_id,
        began.first_month,
        began.start,
        began.start + sum(expansion_micros + reactivation_micros - contraction_micros - churn_micros) as kept
    from began
    join months using (account_id)
    group by began.account_id, began.first_month, began.start
)

select
    any_value(first_month) as month,
    count(*) as payers,
    sum(start) / 1000000 as start,
    sum(kept) / 1000000 as kept,
    sum(kept) / sum(start) as nrr,
    sum(greatest(0, least(kept, start))) / sum(start) as grr
from accounts
having count(*) > 0
