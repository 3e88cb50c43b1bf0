-- format: apigee
-- label: Apigee analytics records (JSON)
-- sign: "client_received_start_timestamp"
-- record: json
-- wrappers: records
-- says: environment
-- definition: Analytics records as gateways upload them and as Apigee exports them to Cloud Storage or BigQuery: a record a line, or many under
--   `records`. Times are epoch milliseconds or ISO. client_id is the app's API key and becomes its keyed hash; the app and its developer's
--   e-mail are who called, the product is the plan, the proxy the service. "(not set)" is none. Upstream time is null where no target was
--   called (a cached answer, a refusal). The environment is production or sandbox where its name says so.
-- example: {"organization": "harbor", "environment": "prod", "apiproxy": "quotes", "gateway_flow_id": "rt-1-7", "request_verb": "GET",
--   "request_path": "/v1/quotes/7", "response_status_code": 200, "client_received_start_timestamp": 1781006400250,
--   "client_sent_end_timestamp": 1781006400334, "client_ip": "198.51.100.23", "client_id": "k", "developer_app": "acme-live",
--   "developer_email": "jo@acme.example", "api_product": "gold"}
-- shape: {"client_received_start_timestamp": "VARCHAR", "client_sent_end_timestamp": "VARCHAR",
--   "target_sent_start_timestamp": "VARCHAR", "target_received_end_timestamp": "VARCHAR", "total_response_time": "DOUBLE",
--   "target_response_time": "DOUBLE", "recordType": "VARCHAR", "environment": "VARCHAR", "apiproxy": "VARCHAR",
--   "request_uri": "VARCHAR", "request_path": "VARCHAR", "request_verb": "VARCHAR", "proxy_basepath": "VARCHAR",
--   "proxy_pathsuffix": "VARCHAR", "response_status_code": "VARCHAR", "request_size": "VARCHAR", "response_size": "VARCHAR",
--   "client_ip": "VARCHAR", "x_forwarded_for_ip": "VARCHAR", "ax_resolved_client_ip": "VARCHAR", "useragent": "VARCHAR",
--   "client_id": "VARCHAR", "developer_app": "VARCHAR", "developer_email": "VARCHAR", "developer": "VARCHAR", "api_product": "VARCHAR",
--   "gateway_flow_id": "VARCHAR", "ax_edge_execution_fault_code": "VARCHAR"}
with said_fields as (
    select
        line_no,
        line,
        is_broken,
        r.client_received_start_timestamp as stamp,
        epoch_ms_of(r.client_received_start_timestamp) as received_ms,
        epoch_ms_of(r.client_sent_end_timestamp) - epoch_ms_of(r.client_received_start_timestamp) as total_ms,
        epoch_ms_of(r.target_received_end_timestamp) - epoch_ms_of(r.target_sent_start_timestamp) as target_ms,
        r.total_response_time as total_response_time,
        r.target_response_time as target_response_time,
        r.recordType as record_type,
        r.environment as environment,
        said_of_apigee(r.apiproxy) as proxy,
        path_of(coalesce(said_of_apigee(r.request_path), said_of_apigee(r.request_uri))) as path,
        said_of_apigee(r.request_verb) as method,
        said_of_apigee(r.proxy_basepath) as basepath,
        said_of_apigee(r.proxy_pathsuffix) as pathsuffix,
        try_cast(try_cast(r.response_status_code as double) as integer) as status,
        try_cast(r.request_size as bigint) as request_bytes,
        try_cast(r.response_size as bigint) as response_bytes,
        coalesce(
            said_of_apigee(trim(split_part(r.x_forwarded_for_ip, ',', 1))), said_of_apigee(r.ax_resolved_client_ip),
            said_of_apigee(r.client_ip)) as client_ip,
        said_of_apigee(r.useragent) as user_agent,
        said_of_apigee(r.client_id) as raw_key,
        said_of_apigee(r.developer_app) as app,
        coalesce(said_of_apigee(r.developer_email), said_of_apigee(r.developer)) as developer,
        said_of_apigee(r.api_product) as product,
        said_of_apigee(r.gateway_flow_id) as request_id,
        r.ax_edge_execution_fault_code as fault
    from record
),

call as (
    select
        *,
        epoch_ms_time(received_ms) as occurred_at,
        path_template(path) as template
    from said_fields
)

select
    occurred_at,
    'api' as surface,
    environment_of(environment) as environment,
    request_id,
    method,
    path,
    template as path_template,
    case
        when basepath is null then null
        when path = basepath || coalesce(pathsuffix, '') then template
        else path_template(basepath || coalesce(pathsuffix, ''))
    end as route,
    proxy as service,
    status,
    coalesce(
        case when total_ms >= 0 then total_ms end, case when total_response_time >= 0 then total_response_time end) as latency_ms,
    coalesce(
        case when target_ms >= 0 then target_ms end, case when target_response_time > 0 then target_response_time end
    ) as upstream_latency_ms,
    request_bytes,
    response_bytes,
    'key:' || keyed_hash(raw_key) as credential_ref,
    app as application_ref,
    developer as developer_ref,
    product as plan_ref,
    client_ip,
    user_agent,
    case
        when status between 200 and 399 then null
        when fault like '%QuotaViolation' then 'quota'
        when fault like '%SpikeArrestViolation' then 'rate_limit'
        when fault like '%ApplicationNotFound' then 'no_route'
        else refusal_of(status, proxy is not null, false, false)
    end as refusal,
    line_no,
    case
        when is_broken then 'not a JSON object: cut short, interleaved or plain text'
        when record_type is not null and record_type <> 'APIAnalytics'
            then 'an Apigee record of another kind than APIAnalytics: ' || record_type
        when stamp is null then 'not an Apigee analytics record: no client_received_start_timestamp'
        when occurred_at is null then 'client_received_start_timestamp is no time that is known: ' || stamp
        when method is null and path is null and status is null
            then 'an Apigee record that says neither what was called nor what was answered'
    end as problem,
    line
from call
