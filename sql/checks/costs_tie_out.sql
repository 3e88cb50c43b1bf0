-- check: costs_tie_out
-- question: Is every micro of every cost pool either allocated or unallocated?
-- severity: error

-- the ledger is added up again from the bill's own lines, the allocated part from what accounts carry by day
with bill as (
    select month, pool, sum(cost_micros) as ledger
    from cost_entry
    group by month, pool
),

carried as (
    select cast(date_trunc('month', day) as date) as month, sum(infrastructure_cost_micros) as allocated
    from account_money_day
    group by 1
),

pools as (
    select month, sum(ledger_micros) as ledger, sum(allocated_micros) as allocated, sum(unallocated_micros) as unallocated
    from cost_pool_month
    where method in ('driver share', 'none') and pool not in ('support', 'outreach', 'payment fees')
    group by month
)

select bill.month, bill.pool as what, bill.ledger as expected, cost_pool_month.allocated_micros + cost_pool_month.unallocated_micros as found
from bill
left join cost_pool_month using (month, pool)
where coalesce(bill.ledger, 0) is distinct from cost_pool_month.allocated_micros + cost_pool_month.unallocated_micros

union all

select pools.month, 'carried by accounts', pools.allocated, coalesce(carried.allocated, 0)
from pools
left join carried using (month)
where pools.allocated <> coalesce(carried.allocated, 0)

union all

-- nobody is charged more than there was: a pool is never allocated past its ledger
select month, pool, ledger_micros, allocated_micros
from cost_pool_month
where abs(allocated_micros) > abs(ledger_micros)
