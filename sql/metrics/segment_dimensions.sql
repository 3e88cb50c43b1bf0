-- metric: segment_dimensions
-- label: What conversion can be compared by
-- question: By which of their attributes can entrants be compared?
-- unit: accounts
-- grain: one row a tier and dimension
-- good: -
-- definition: Attributes that a source gives of entrants, with how many have one. Values with fewer than 30 entrants are not compared; a dimension with none
--   of 30 is of no use. Cohorts of entry stand apart, by week and month.
-- column dimension: channel, service, kind, company_kind, country, size, plan, group, tag, product, or attribute: its name
-- column segments: how many different values
-- column entrants: accounts that entered
-- column known: of them, those with a value
-- column large_segments: values with 30 entrants or more
-- column is_useful: whether there is any such value
-- column is_exclusive: whether nobody has two values; only then can a difference be tested

with given as (
    select distinct account_id, tier, dimension, value
    from entrant_segment
    where value is not null and dimension not in ('cohort_week', 'cohort_month') and ($tier is null or tier = $tier)
),

sizes as (
    select tier, dimension, value, count(*) as entrants
    from given
    group by tier, dimension, value
),

sums as (
    select tier, dimension, count(*) as segments, count(*) filter (entrants >= 30) as large_segments, sum(entrants) as pairs
    from sizes
    group by tier, dimension
),

people as (
    select tier, dimension, count(distinct account_id) as known
    from given
    group by tier, dimension
),

everyone as (
    select tier, count(*) as entrants
    from entrant
    group by tier
)

select
    sums.tier,
    sums.dimension,
    sums.segments,
    everyone.entrants,
    people.known,
    sums.large_segments,
    sums.large_segments > 0 as is_useful,
    sums.pairs = people.known as is_exclusive
from sums
join people using (tier, dimension)
join everyone using (tier)
order by sums.tier, sums.dimension
