-- One row per caller and service whose environment a rule of program.toml decides: the first that matches. Service is '' where the log names none.

with services as (
    select distinct caller_id, coalesce(service, '') as service
    from usage_day
    where exists (select 1 from program_environment_rule)
),

matches as (
    select services.caller_id, services.service, rule.position, rule.environment
    from services
    join program_environment_rule as rule on rule.field = 'service' and lower(services.service) glob rule.pattern

    union all

    select services.caller_id, services.service, rule.position, rule.environment
    from services
    join caller_trait on caller_trait.caller_id = services.caller_id
    join program_environment_rule as rule on rule.field = caller_trait.field and caller_trait.value glob rule.pattern
)

select caller_id, service, arg_min(environment, position) as environment
from matches
group by caller_id, service
