-- base: request
-- grain: one row a request event of the days that are counted
-- definition: The request events as every roll-up sees them: who called (caller_id), which route, which class of answer.
--   caller_id stands for everything the log says about who called; two callers never share one. A call is ok with a
--   2xx or 3xx answer (101, a protocol switch, too); `other` is an answer that the format does not give, or none at all.
select
    cast(occurred_at as date) as day,
    date_trunc('hour', occurred_at) as hour,
    occurred_at,
    caller_of(source, surface, credential_ref, consumer_ref, application_ref, developer_ref, plan_ref) as caller_id,
    source,
    surface,
    environment,
    credential_ref,
    consumer_ref,
    application_ref,
    developer_ref,
    plan_ref,
    coalesce(credential_ref, consumer_ref, application_ref, developer_ref) is not null as is_named,
    service_name(service) as service,
    route as matched_route,
    coalesce(route, path_template) as route,
    path_template,
    path,
    method,
    case when method in ('POST', 'PUT', 'PATCH', 'DELETE') then 1 else 0 end as is_write,
    status,
    case
        when status = 101 or status between 200 and 399 then 'ok'
        when status between 400 and 499 then 'client_error'
        when status between 500 and 599 then 'server_error'
        else 'other'
    end as outcome,
    refusal,
    latency_ms,
    upstream_latency_ms,
    request_bytes,
    response_bytes,
    end_user_ref,
    client_ip,
    user_agent,
    limit_window,
    limit_calls,
    limit_left,
    referrer_host,
    client_country,
    client_network
from lake_request
where not is_echo
