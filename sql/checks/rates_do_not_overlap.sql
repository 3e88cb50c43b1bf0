-- check: rates_do_not_overlap
-- question: Has every currency one rate at most on every day?
-- severity: error

select currency, valid_from, count(*) as rates
from fx_rate
group by currency, valid_from
having count(*) > 1

union all

select currency, valid_from, 1
from fx_rate
where rate <= 0 or valid_to <= valid_from
