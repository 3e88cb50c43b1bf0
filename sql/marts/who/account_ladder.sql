-- One row per account and span of days on one rung of the ladder, with the rung before it and whether that was a step up or down.
-- `rung` counts from 1 (open) to 4 (partner); `rule` decided when the span began; `valid_to` is null today.

with changes as (
    select *, lag(ladder) over (partition by account_id order by valid_from) as came_from
    from ladder_decision
    qualify ladder is distinct from came_from
),

spans as (
    select
        account_id,
        ladder,
        list_position(['open', 'associate', 'incubation', 'partner'], ladder) as rung,
        came_from,
        rule,
        valid_from,
        lead(valid_from) over (partition by account_id order by valid_from) as valid_to
    from changes
)

select
    *,
    case
        when came_from is null then null
        when rung > list_position(['open', 'associate', 'incubation', 'partner'], came_from) then 'promotion'
        else 'demotion'
    end as move
from spans
