-- format: azure_apim_csv
-- label: Azure API Management gateway log (CSV from Log Analytics)
-- sign: (?i)CallerIpAddress|ApimSubscriptionId|BackendTime
-- record: sheet
-- columns: {"time": ["TimeGenerated [UTC]", "TimeGenerated", "Timestamp [UTC]"], "method": "Method", "url": "Url", "status": "ResponseCode",
--   "total": ["TotalTime", "DurationMs"], "backend": "BackendTime", "caller": "CallerIpAddress", "correlation": "CorrelationId",
--   "subscription": "ApimSubscriptionId", "product": "ProductId", "owner": "UserId", "operation": "OperationId", "api": "ApiId",
--   "request_size": "RequestSize", "response_size": "ResponseSize", "reason": "LastErrorReason", "headers": "RequestHeaders"}
-- required: time, url, status
-- definition: A result of the table ApiManagementGatewayLogs, exported with its times in UTC (with local times the header
--   differs, and the file is not read). Times are milliseconds; BackendTime may exceed TotalTime. The subscription "master"
--   is the administrators' key: it has no owner and no product here. The user agent, and the X-Forwarded-For address before
--   that of the peer, are only known where the request's headers are logged.
-- example: "TimeGenerated [UTC]",Method,Url,ResponseCode,TotalTime,BackendTime,CallerIpAddress,ApimSubscriptionId,ProductId\n"6/9/2026, 12:00:00.250 PM",GET,https://api.harbor.example/rates/7?lang=en,200,43,38,198.51.100.23,quay-key,starter
with call as (
    select
        line_no,
        line,
        misfit,
        r.time as stamp,
        coalesce(american_time(r.time), iso_time(r.time)) as occurred_at,
        r.correlation as request_id,
        upper(r.method) as method,
        path_of(r.url) as path,
        r.operation as operation,
        r.api as api,
        r.status as said_status,
        try_cast(r.status as integer) as status,
        try_cast(r.total as double) as latency_ms,
        try_cast(r.backend as double) as backend_ms,
        try_cast(r.request_size as bigint) as request_bytes,
        try_cast(r.response_size as bigint) as response_bytes,
        r.subscription as subscription,
        case when coalesce(r.subscription, '') <> 'master' then r.owner end as owner,
        case when coalesce(r.subscription, '') <> 'master' then r.product end as product,
        r.reason as reason,
        case when r.headers is not null then nullif(trim(split_part(
            regexp_extract(r.headers, '(?i)"x-forwarded-for"\s*:\s*"([^"]*)"', 1), ',', 1)), '') end as forwarded_for,
        case when r.headers is not null then
            nullif(regexp_extract(r.headers, '(?i)"user-agent"\s*:\s*"([^"]*)"', 1), '') end as user_agent,
        r.caller as caller
    from record
)

select
    occurred_at,
    'api' as surface,
    request_id,
    method,
    path,
    path_template(path) as path_template,
    operation as route,
    api as service,
    status,
    case when latency_ms >= 0 then latency_ms end as latency_ms,
    case when backend_ms >= 0 then backend_ms end as upstream_latency_ms,
    request_bytes,
    response_bytes,
    subscription as credential_ref,
    owner as consumer_ref,
    owner as developer_ref,
    product as plan_ref,
    coalesce(forwarded_for, caller) as client_ip,
    user_agent,
    case
        when status between 200 and 399 then null
        when reason like 'Quota%' then 'quota'
        when reason like 'RateLimit%' then 'rate_limit'
        when reason = 'OperationNotFound' then 'no_route'
        else refusal_of(status, operation is not null, false, false)
    end as refusal,
    line_no,
    case
        when misfit is not null then misfit
        when stamp is null then 'no TimeGenerated'
        when occurred_at is null then 'TimeGenerated is no time that is known: ' || without_keys(stamp)
        when path is null and status is null then 'not a request: neither Url nor ResponseCode'
    end as problem,
    line
from call
