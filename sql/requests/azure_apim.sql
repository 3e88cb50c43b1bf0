-- format: azure_apim
-- label: Azure API Management gateway log (resource log, JSON)
-- sign: GatewayLogs
-- record: json
-- wrappers: records
-- definition: GatewayLogs as a storage account or an event hub has them: a record a line, or many under `records`. The subscription is the
--   credential, the product the plan, the user the developer; `master` is the service's own all-access key, so calls with the credential
--   `master` are the operator's and no customer's. The user agent, and the client where a proxy stands before the gateway, are there only
--   where these headers are logged. Upstream time is null where no backend was called. Records of other categories are rejected.
-- example: {"time": "2026-06-09T12:00:00.2500000Z", "category": "GatewayLogs", "operationName": "Microsoft.ApiManagement/GatewayLogs",
--   "durationMs": 84, "callerIpAddress": "198.51.100.23", "correlationId": "5d0f0e8a-3c51-4f0e-9a57-0c7d2f1b6e44", "properties":
--   {"method": "GET", "url": "https://api.harbor.example/v1/quotes/7", "responseCode": 200, "backendTime": 61, "apiId": "quotes",
--   "operationId": "get-quote", "apimSubscriptionId": "acme-live"}}
-- shape: {"time": "VARCHAR", "category": "VARCHAR", "operationName": "VARCHAR", "durationMs": "DOUBLE", "callerIpAddress": "VARCHAR",
--   "correlationId": "VARCHAR",
--   "properties": {"method": "VARCHAR", "url": "VARCHAR", "responseCode": "INTEGER", "backendResponseCode": "VARCHAR",
--     "backendTime": "DOUBLE", "requestSize": "BIGINT", "responseSize": "BIGINT", "apiId": "VARCHAR", "operationId": "VARCHAR",
--     "productId": "VARCHAR", "userId": "VARCHAR", "apimSubscriptionId": "VARCHAR", "lastError": {"reason": "VARCHAR"},
--     "lastErrorReason": "VARCHAR", "requestHeaders": "MAP(VARCHAR, VARCHAR)"},
--   "opened": {"Method": "VARCHAR", "Url": "VARCHAR", "ResponseCode": "INTEGER", "BackendResponseCode": "VARCHAR",
--     "BackendTime": "DOUBLE", "TotalTime": "DOUBLE", "RequestSize": "BIGINT", "ResponseSize": "BIGINT", "ApiId": "VARCHAR",
--     "OperationId": "VARCHAR", "ProductId": "VARCHAR", "UserId": "VARCHAR", "ApimSubscriptionId": "VARCHAR",
--     "SubscriptionId": "VARCHAR", "LastErrorReason": "VARCHAR", "CallerIpAddress": "VARCHAR", "CorrelationId": "VARCHAR"}}
with said_fields as (
    select
        line_no,
        line,
        is_broken,
        iso_time(r.time) as occurred_at,
        r.time as stamp,
        r.category as category,
        r.operationName as operation,
        coalesce(r.correlationId, r.opened.CorrelationId) as request_id,
        nullif(coalesce(r.properties.method, r.opened.Method), '') as method,
        coalesce(r.properties.url, r.opened.Url) as url,
        coalesce(r.properties.operationId, r.opened.OperationId) as route,
        coalesce(r.properties.apiId, r.opened.ApiId) as service,
        coalesce(r.properties.responseCode, r.opened.ResponseCode) as status,
        coalesce(r.durationMs, r.opened.TotalTime) as latency_ms,
        coalesce(r.properties.backendTime, r.opened.BackendTime) as backend_ms,
        coalesce(r.properties.backendResponseCode, r.opened.BackendResponseCode) as backend_status,
        coalesce(r.properties.requestSize, r.opened.RequestSize) as request_bytes,
        coalesce(r.properties.responseSize, r.opened.ResponseSize) as response_bytes,
        coalesce(r.properties.apimSubscriptionId, r.opened.ApimSubscriptionId, r.opened.SubscriptionId) as subscription,
        coalesce(r.properties.userId, r.opened.UserId) as developer,
        coalesce(r.properties.productId, r.opened.ProductId) as product,
        coalesce(r.callerIpAddress, r.opened.CallerIpAddress) as caller_ip,
        coalesce(r.properties.lastError.reason, r.properties.lastErrorReason, r.opened.LastErrorReason) as reason,
        r.properties.requestHeaders as headers
    from record
),

call as (
    select
        *,
        path_of(url) as path,
        coalesce(headers['X-Forwarded-For'], headers['x-forwarded-for']) as forwarded_for
    from said_fields
)

select
    occurred_at,
    'api' as surface,
    request_id,
    method,
    path,
    path_template(path) as path_template,
    nullif(route, '') as route,
    nullif(service, '') as service,
    status,
    case when latency_ms >= 0 then latency_ms end as latency_ms,
    case when backend_ms > 0 or (backend_ms = 0 and backend_status is not null) then backend_ms end as upstream_latency_ms,
    request_bytes,
    response_bytes,
    nullif(subscription, '') as credential_ref,
    nullif(developer, '') as developer_ref,
    nullif(product, '') as plan_ref,
    coalesce(nullif(trim(split_part(forwarded_for, ',', 1)), ''), caller_ip) as client_ip,
    coalesce(headers['User-Agent'], headers['user-agent']) as user_agent,
    case
        when status between 200 and 399 then null
        when reason = 'QuotaExceeded' then 'quota'
        when reason = 'RateLimitExceeded' then 'rate_limit'
        when reason = 'OperationNotFound' then 'no_route'
        when reason in ('BackendConnectionFailure', 'Timeout') then 'upstream'
        when reason = 'ClientConnectionFailure' then 'client_gone'
        else refusal_of(status, nullif(route, '') is not null, false, false)
    end as refusal,
    line_no,
    case
        when is_broken then 'not a JSON object: cut short, interleaved or plain text'
        when category = 'GatewayLogs' or (category is null and operation like '%/GatewayLogs') then
            case
                when occurred_at is null and stamp is null then 'no time'
                when occurred_at is null then 'time is no ISO time: ' || stamp
                when method is null and status is null and url is null
                    then 'a GatewayLogs record without properties that say what was called'
            end
        when category = 'WebSocketConnectionLogs' then 'an event of a WebSocket connection (WebSocketConnectionLogs), not a request'
        when category in ('DeveloperPortalAuditLogs', 'AuditLogs', 'Audit', 'AuditEvent')
            then 'an audit record (' || category || '), not a request'
        when category like '%Llm%' or category like '%LLM%'
            then 'what a language model used (' || category || '); the call itself is a record of GatewayLogs'
        when category is not null then 'another category of Azure logs than GatewayLogs: ' || category
        else 'not an Azure API Management record: no category GatewayLogs'
    end as problem,
    line
from call
