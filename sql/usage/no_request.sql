-- base: no_request
-- grain: no row
-- definition: The columns of a request event in the lake, for a home that has none yet.
select
    cast(null as timestamp) as occurred_at,
    cast(null as varchar) as source,
    cast(null as varchar) as surface,
    cast(null as varchar) as environment,
    cast(null as varchar) as request_id,
    cast(null as varchar) as method,
    cast(null as varchar) as path,
    cast(null as varchar) as path_template,
    cast(null as varchar) as route,
    cast(null as varchar) as service,
    cast(null as integer) as status,
    cast(null as double) as latency_ms,
    cast(null as double) as upstream_latency_ms,
    cast(null as bigint) as request_bytes,
    cast(null as bigint) as response_bytes,
    cast(null as varchar) as credential_ref,
    cast(null as varchar) as consumer_ref,
    cast(null as varchar) as application_ref,
    cast(null as varchar) as developer_ref,
    cast(null as varchar) as plan_ref,
    cast(null as varchar) as end_user_ref,
    cast(null as varchar) as client_ip,
    cast(null as varchar) as user_agent,
    cast(null as varchar) as refusal,
    cast(null as varchar) as limit_window,
    cast(null as bigint) as limit_calls,
    cast(null as bigint) as limit_left,
    cast(null as bigint) as line_no,
    cast(null as varchar) as chunk_id
where false
