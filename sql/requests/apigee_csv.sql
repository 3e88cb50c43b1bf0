-- format: apigee_csv
-- label: Apigee analytics export (CSV)
-- sign: (?i)client_received_start_timestamp
-- record: sheet
-- columns: {"received": "client_received_start_timestamp", "sent": "client_sent_end_timestamp",
--   "target_sent": "target_sent_start_timestamp", "target_received": "target_received_end_timestamp",
--   "verb": "request_verb", "path": "request_path", "uri": "request_uri", "basepath": "proxy_basepath", "suffix": "proxy_pathsuffix",
--   "proxy": "apiproxy", "status": "response_status_code", "flow_id": "gateway_flow_id", "client_id": "client_id",
--   "app": "developer_app", "email": "developer_email", "developer": "developer", "product": "api_product",
--   "client_ip": ["ax_resolved_client_ip", "ax_true_client_ip", "client_ip"], "forwarded_for": "x_forwarded_for_ip",
--   "agent": "useragent", "request_size": "request_size", "response_size": "response_size",
--   "fault": ["ax_execution_fault_code", "ax_edge_execution_fault_code", "fault_code"]}
-- required: received, verb, status
-- secret: client_id
-- definition: An export of analytics data, parted by comma, bar or tab as was asked for. Stamps are epoch milliseconds; a call
--   that reached no target has no target stamps, so its upstream time is null. client_id is the app's key itself, and is
--   hashed. "(not set)" is none.
-- example: client_received_start_timestamp,client_sent_end_timestamp,request_verb,request_path,response_status_code,apiproxy,client_id,developer_app,developer_email\n1781006400250,1781006400293,GET,/quotes/v1/88213,200,quotes-v1,Kx7dExampleKey,harbor-web,jo@acme.example
with call as (
    select
        line_no,
        line,
        misfit,
        r.received as stamp,
        coalesce(epoch_ms_time(try_cast(r.received as double)), iso_time(replace(r.received, ' UTC', ''))) as occurred_at,
        try_cast(r.sent as double) - try_cast(r.received as double) as latency_ms,
        try_cast(r.target_received as double) - try_cast(r.target_sent as double) as target_ms,
        try_cast(r.target_sent as double) > 0 as has_target,
        said_of_apigee(r.flow_id) as request_id,
        upper(said_of_apigee(r.verb)) as method,
        path_of(coalesce(said_of_apigee(r.path), said_of_apigee(r.uri), r.basepath || coalesce(said_of_apigee(r.suffix), ''))) as path,
        said_of_apigee(r.basepath) as basepath,
        said_of_apigee(r.proxy) as proxy,
        try_cast(r.status as integer) as status,
        said_of_apigee(r.client_id) as client_id,
        said_of_apigee(r.app) as app,
        coalesce(said_of_apigee(r.email), said_of_apigee(split_part(r.developer, '@@@', -1))) as developer,
        said_of_apigee(r.product) as product,
        coalesce(said_of_apigee(trim(split_part(r.forwarded_for, ',', 1))), said_of_apigee(r.client_ip)) as client_ip,
        said_of_apigee(r.agent) as user_agent,
        try_cast(r.request_size as bigint) as request_bytes,
        try_cast(r.response_size as bigint) as response_bytes,
        lower(said_of_apigee(r.fault)) as fault
    from record
)

select
    occurred_at,
    'api' as surface,
    request_id,
    method,
    path,
    path_template(path) as path_template,
    basepath as route,
    proxy as service,
    status,
    case when latency_ms >= 0 then latency_ms end as latency_ms,
    case when has_target and target_ms >= 0 then target_ms end as upstream_latency_ms,
    case when request_bytes >= 0 then request_bytes end as request_bytes,
    case when response_bytes >= 0 then response_bytes end as response_bytes,
    'key:' || keyed_hash(client_id) as credential_ref,
    coalesce(app, developer) as consumer_ref,
    app as application_ref,
    developer as developer_ref,
    product as plan_ref,
    client_ip,
    user_agent,
    case
        when status between 200 and 399 then null
        when fault like '%quotaviolation' then 'quota'
        when fault like '%spikearrestviolation' then 'rate_limit'
        when fault like '%applicationnotfound' then 'no_route'
        else refusal_of(status, proxy is not null, false, false)
    end as refusal,
    line_no,
    case
        when misfit is not null then misfit
        when stamp is null then 'no client_received_start_timestamp'
        when occurred_at is null then 'client_received_start_timestamp is no time that is known: ' || without_keys(stamp)
    end as problem,
    line
from call
