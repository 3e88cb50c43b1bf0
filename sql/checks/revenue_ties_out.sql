-- check: revenue_ties_out
-- question: Is revenue by account the same as paid bills minus refunds and lost disputes?
-- severity: error

with sums as (
    select
        (select coalesce(sum(net_micros), 0) from revenue_event) as by_event,
        (select coalesce(sum(revenue_micros), 0) from account_money_day) as by_account,
        (select count(*) from invoice where status = 'paid') as paid_invoices,
        (select count(*) from revenue_event where kind = 'invoice') as invoices_counted
)

select *
from sums
where by_event <> by_account or paid_invoices <> invoices_counted
