-- materialise: table
-- One row per currency and span of days: what one unit of it was worth in the reporting currency, since when that was published, and where.
-- What program.toml says holds from its first day on, before it the rate files. Rates between two currencies go through the base that both
-- are quoted in. Before the first rate: nothing.

with reporting as (
    select currency from setting
),

-- how much of each currency one unit of the base was worth; one of the base itself is one
legs as (
    select source, lower(base) as base, lower(currency) as currency, cast(valid_from as date) as valid_from, cast(rate as double) as rate
    from raw_exchange_rate
    union
    select distinct source, lower(base), lower(base), date '0001-01-01', 1.0
    from raw_exchange_rate
),

ours as (
    select * from legs where currency = (select currency from reporting)
),

theirs as (
    select * from legs where currency <> (select currency from reporting)
),

points as (
    select source, base, currency, valid_from from theirs
    union
    select ours.source, ours.base, theirs.currency, ours.valid_from
    from ours
    join (select distinct source, base, currency from theirs) as theirs using (source, base)
),

crossed as (
    select
        points.source,
        points.currency,
        points.valid_from,
        cast(round(ours.rate / theirs.rate, 10) as decimal(20, 10)) as rate
    from points
    asof join theirs on theirs.source = points.source and theirs.base = points.base and theirs.currency = points.currency
        and points.valid_from >= theirs.valid_from
    asof join ours on ours.source = points.source and ours.base = points.base and points.valid_from >= ours.valid_from
),

typed as (
    select lower(currency) as currency, valid_from, cast(rate as decimal(20, 10)) as rate
    from program_fx_rate
    where lower(currency) <> (select currency from reporting)
),

rates as (
    select 'program.toml' as source, currency, valid_from, rate from typed
    union all
    select crossed.source, crossed.currency, crossed.valid_from, crossed.rate
    from crossed
    left join (select currency, min(valid_from) as valid_from from typed group by currency) as typed on typed.currency = crossed.currency
    where crossed.valid_from < coalesce(typed.valid_from, date '9999-12-31')
    qualify row_number() over (partition by crossed.currency, crossed.valid_from order by crossed.source) = 1
)

select
    currency,
    valid_from,
    lead(valid_from, 1, date '9999-12-31') over (partition by currency order by valid_from) as valid_to,
    rate,
    source as rate_source
from rates

union all

select currency, date '0001-01-01', date '9999-12-31', cast(1 as decimal(20, 10)), 'the reporting currency'
from setting
