-- rollup: callers
-- partition: day
-- grain: one row a day and caller
-- definition: What the logs say about who called: the references behind each caller_id, on the days it called.
select
    day,
    caller_id,
    source,
    surface,
    credential_ref,
    consumer_ref,
    application_ref,
    developer_ref,
    plan_ref,
    count(*) as calls
from request
group by
    day, caller_id, source, surface, credential_ref, consumer_ref, application_ref, developer_ref, plan_ref
