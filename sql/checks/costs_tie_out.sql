-- check: costs_tie_out
-- question: Is every micro of every cost pool on an account, on nobody's traffic, or unallocated?
-- severity: error

-- the ledger is added up again from the bill's own lines and what people entered, the allocated part from what accounts carry by day
with bill as (
    select month, pool, coalesce(sum(cost_micros), 0) as ledger
    from cost_entry
    group by month, pool
),

carried as (
    select
        cast(date_trunc('month', day) as date) as month,
        coalesce(sum(infrastructure_cost_micros), 0) + coalesce(sum(support_cost_micros), 0) + coalesce(sum(outreach_cost_micros), 0)
            + coalesce(sum(fee_cost_micros), 0) as allocated
    from account_money_day
    group by 1
),

pools as (
    select month, sum(allocated_micros) as allocated
    from cost_pool_month
    group by month
)

select bill.month, bill.pool as what, bill.ledger as expected,
    cost_pool_month.to_accounts_micros + cost_pool_month.to_nobody_micros + cost_pool_month.unallocated_micros as found
from bill
left join cost_pool_month using (month, pool)
where bill.ledger is distinct from
    cost_pool_month.to_accounts_micros + cost_pool_month.to_nobody_micros + cost_pool_month.unallocated_micros

union all

select coalesce(pools.month, carried.month), 'carried by accounts', pools.allocated, carried.allocated
from pools
full join carried using (month)
where coalesce(pools.allocated, 0) <> coalesce(carried.allocated, 0)

union all

-- nobody is charged more than there was: only use at a unit cost may come to more than its bill, and is then shown below zero; in a month
-- with credits a day's credit may be carried while another day's cost is not
select month, pool, ledger_micros, allocated_micros
from cost_pool_month
where abs(allocated_micros) > abs(ledger_micros)
    and pool not in (select pool from program_cost_pool where method = 'unit')
    and pool <> 'support'
    and (month, pool) not in (select (month, pool) from pool_period where cost_micros < 0)
