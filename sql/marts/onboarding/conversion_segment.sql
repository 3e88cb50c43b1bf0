-- One row per entrant, dimension and segment in which it is compared: the value itself where it is one of the 12 with the most entrants of the tier,
-- else `others`; `not known` where nobody tells. An entrant with several values is in several segments. `place` is 1 to 12 for values, 13, 14.

with given as (
    select distinct account_id, tier, dimension, value
    from entrant_segment
    where value is not null
),

ranked as (
    select tier, dimension, value, row_number() over (partition by tier, dimension order by count(*) desc, value) as place
    from given
    group by tier, dimension, value
),

dimensions as (
    select distinct tier, dimension
    from given
)

select distinct
    given.account_id,
    given.tier,
    given.dimension,
    case when ranked.place <= 12 then given.value else 'others' end as segment,
    cast(least(ranked.place, 13) as integer) as place
from given
join ranked using (tier, dimension, value)

union all

select entrant.account_id, entrant.tier, dimensions.dimension, 'not known', 14
from entrant
join dimensions using (tier)
anti join given on given.account_id = entrant.account_id and given.dimension = dimensions.dimension
