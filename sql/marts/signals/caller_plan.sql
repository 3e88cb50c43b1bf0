-- One row per caller: the highest plan that its key, application or the log puts it on, by the order of program.toml, what that includes, and the
-- next plan above that costs something. Null where no plan is known. A plan includes what program.toml says, else the monthly limit that most
-- of its callers' answers showed.

with on_plan as (
    select caller_trait.caller_id, max(program_plan.position) as position
    from caller_trait
    join program_plan on lower(program_plan.name) = caller_trait.value
    where caller_trait.field = 'plan'
    group by caller_trait.caller_id
),

seen as (
    select on_plan.position, mode(limit_day.limit_calls) as monthly_calls
    from limit_day
    join on_plan using (caller_id)
    where limit_day.limit_window = 'month'
    group by on_plan.position
),

plans as (
    select
        program_plan.position,
        program_plan.name,
        program_plan.monthly_price,
        coalesce(program_plan.monthly_calls, seen.monthly_calls) as monthly_calls
    from program_plan
    left join seen using (position)
),

ways as (
    select mine.position, arg_min(above, above.position) as above, bool_or(above.position is not null) as has_above
    from plans as mine
    left join plans as above on above.position > mine.position and above.monthly_price > 0
    group by mine.position
)

select
    on_plan.caller_id,
    on_plan.position,
    plans.name as plan,
    plans.monthly_calls,
    ways.above.name as next_plan,
    ways.above.monthly_price as next_price,
    ways.above.monthly_calls as next_calls,
    ways.above.monthly_price / ways.above.monthly_calls as next_unit_price
from on_plan
join plans using (position)
left join ways using (position)
