-- One row per caller: one set of references under which calls came in.

select
    caller_id,
    any_value(source) as source,
    any_value(surface) as surface,
    any_value(credential_ref) as credential_ref,
    any_value(consumer_ref) as consumer_ref,
    any_value(application_ref) as application_ref,
    any_value(developer_ref) as developer_ref,
    any_value(plan_ref) as plan_ref,
    min(day) as first_day,
    sum(calls) as calls
from callers
group by caller_id
