-- rollup: callers
-- partition: day
-- grain: one row a day and caller
-- definition: What the logs say about who called: the references behind each caller_id, on the days it called.
select
    cast(occurred_at as date) as day,
    caller_of(source, surface, credential_ref, consumer_ref, application_ref, developer_ref, plan_ref) as caller_id,
    source,
    surface,
    credential_ref,
    consumer_ref,
    application_ref,
    developer_ref,
    plan_ref,
    count(*) as calls
from lake_request
where not is_echo
group by
    cast(occurred_at as date), source, surface, credential_ref, consumer_ref, application_ref, developer_ref, plan_ref
