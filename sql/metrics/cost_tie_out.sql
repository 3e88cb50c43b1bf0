-- metric: cost_tie_out
-- label: Does it tie out?
-- question: Is every cent of the cost ledger either on an account or shown as unallocated?
-- unit: the reporting currency
-- grain: one row a month and pool
-- good: -
-- definition: Ledger = to accounts + to nobody + unallocated, to the millionth: shares are rounded by largest remainder, everyone the floor of the exact share
--   and the millionths left over to the largest fractions. To nobody is the share of calls without a known caller and of scanners. Unallocated is cost that no
--   use caused: a pool without a method or use, what fixed shares leave, outreach that brought nobody, fees of no payment; below zero where use at unit cost
--   comes to more than the bill.
-- column pool: the cost pool of program.toml; support, outreach and payment fees are pools of their own
-- column method: how it is shared out
-- column driver: what it is shared out by
-- column ledger: what was spent, in the reporting currency
-- column to_accounts: what accounts carry of it
-- column to_nobody: what traffic of nobody carries
-- column allocated: the two together
-- column unallocated: what nobody does
-- column unpriced: lines without a currency rate or price, which are in neither

select
    month,
    pool,
    method,
    driver,
    ledger_micros / 1000000 as ledger,
    to_accounts_micros / 1000000 as to_accounts,
    to_nobody_micros / 1000000 as to_nobody,
    allocated_micros / 1000000 as allocated,
    unallocated_micros / 1000000 as unallocated,
    unpriced
from cost_pool_month
where ($date_from is null or month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or month < cast($date_to as date))
order by month, pool
