-- check: recognised_ties_out
-- question: Do the months of what was billed add up to what was billed?
-- severity: error

with sums as (
    select
        (select coalesce(sum(net_micros), 0) from bill_line where unpriced_reason is null) as billed,
        (select coalesce(sum(recognised_micros), 0) from recognised_month where kind in ('recurring', 'usage', 'one-off')) as earned
)

select *
from sums
where billed <> earned
