-- One row per currency and span of days: what one unit of it was worth in the reporting currency. Before the first rate: nothing.

with rates as (
    select lower(currency) as currency, valid_from, rate
    from program_fx_rate
    where lower(currency) <> (select currency from setting)
)

select
    currency,
    valid_from,
    lead(valid_from, 1, date '9999-12-31') over (partition by currency order by valid_from) as valid_to,
    rate
from rates

union all

select currency, date '0001-01-01', date '9999-12-31', 1.0
from setting
