-- metric: cost_tie_out
-- label: Does it tie out?
-- question: Is every cent of the cost ledger either on an account or shown as unallocated?
-- unit: the reporting currency
-- grain: one row a month and pool
-- good: -
-- definition: Ledger = allocated + unallocated, to the millionth. Unallocated is cost that no account caused: a pool without a driver or use,
--   outreach that brought nobody, fees of no payment. Traffic of nobody carries its own share and counts as allocated.
-- column pool: the cost pool of program.toml; support, outreach and payment fees are pools of their own
-- column method: how it is shared out
-- column driver: what it is shared out by
-- column ledger: what was spent, in the reporting currency
-- column allocated: what accounts carry of it
-- column unallocated: what nobody does
-- column unpriced: lines without a currency rate or price, which are in neither

select
    month,
    pool,
    method,
    driver,
    ledger_micros / 1000000 as ledger,
    allocated_micros / 1000000 as allocated,
    unallocated_micros / 1000000 as unallocated,
    unpriced
from cost_pool_month
where ($date_from is null or month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or month < cast($date_to as date))
order by month, pool
