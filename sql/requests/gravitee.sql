-- format: gravitee
-- label: Gravitee gateway metrics (file or TCP reporter, JSON or Elasticsearch output)
-- sign: "(request-ended|response-time|requestEnded|proxyResponseTimeMs)\\?"
-- record: json
-- definition: Metrics of calls: of v4 APIs (v4-metrics) and of v2 APIs (request), in both JSON outputs; logs, health checks,
--   node monitors and message metrics are no calls, and neither is a v4 call that still goes on, which is written again at
--   its end. A subscription is the credential; without one the security token becomes a hash. Application 1 is nobody's
--   (keyless), API 1 is none. Lengths and times of -1 are null. Whether the log keeps the user agent is a setting.
-- example: {"gateway":"gw-1","_id":"6e0c1f52-77aa-4b7e-9d10-5a1c2b3d4e5f","type":"v4-metrics","date":"2026.06.09",
--   "@timestamp":"2026-06-09T12:00:00.250Z","request-id":"6e0c1f52-77aa-4b7e-9d10-5a1c2b3d4e5f",
--   "transaction-id":"6e0c1f52-77aa-4b7e-9d10-5a1c2b3d4e5f","api-id":"quotes","plan-id":"plan-gold",
--   "application-id":"app-7","subscription-id":"sub-55","http-method":3,"remote-address":"198.51.100.22",
--   "host":"api.harbor.example","uri":"/v1/quotes/88213?carrier=all","user-agent":"","request-ended":"true",
--   "endpoint":"https://quotes.internal/","endpoint-response-time-ms":45,"status":200,"response-content-length":734,
--   "gateway-response-time-ms":48,"gateway-latency-ms":3}
-- shape: {"type": "VARCHAR", "@timestamp": "VARCHAR", "timestamp": "VARCHAR", "_id": "VARCHAR",
--   "request-id": "VARCHAR", "requestId": "VARCHAR",
--   "http-method": "VARCHAR", "method": "VARCHAR", "httpMethod": "VARCHAR", "uri": "VARCHAR",
--   "mapped-path": "VARCHAR", "mappedPath": "VARCHAR", "status": "VARCHAR",
--   "gateway-response-time-ms": "VARCHAR", "response-time": "VARCHAR", "gatewayResponseTimeMs": "VARCHAR",
--   "proxyResponseTimeMs": "VARCHAR", "endpoint-response-time-ms": "VARCHAR", "api-response-time": "VARCHAR",
--   "endpointResponseTimeMs": "VARCHAR", "apiResponseTimeMs": "VARCHAR",
--   "request-content-length": "VARCHAR", "requestContentLength": "VARCHAR",
--   "response-content-length": "VARCHAR", "responseContentLength": "VARCHAR",
--   "request-ended": "VARCHAR", "requestEnded": "VARCHAR",
--   "api-id": "VARCHAR", "api": "VARCHAR", "apiId": "VARCHAR", "gateway": "VARCHAR",
--   "application-id": "VARCHAR", "application": "VARCHAR", "applicationId": "VARCHAR",
--   "plan-id": "VARCHAR", "plan": "VARCHAR", "planId": "VARCHAR",
--   "subscription-id": "VARCHAR", "subscription": "VARCHAR", "subscriptionId": "VARCHAR",
--   "security-token": "VARCHAR", "securityToken": "VARCHAR", "api-key": "VARCHAR", "apiKey": "VARCHAR",
--   "user": "VARCHAR", "remote-address": "VARCHAR", "remoteAddress": "VARCHAR",
--   "user-agent": "VARCHAR", "userAgent": "VARCHAR", "error-key": "VARCHAR", "errorKey": "VARCHAR",
--   "client-request": "VARCHAR", "clientRequest": "VARCHAR", "entrypoint-request": "VARCHAR", "entrypointRequest": "VARCHAR",
--   "connector-id": "VARCHAR", "connectorId": "VARCHAR", "steps": "VARCHAR", "jvm": "VARCHAR", "index": "VARCHAR"}
with call as (
    select
        line_no,
        line,
        is_broken,
        r.type as record_type,
        coalesce(r."@timestamp", r."timestamp") as stamp,
        coalesce(r."request-id", r.requestId, r._id) as request_id,
        coalesce(r."http-method", r.method, r.httpMethod) as method_code,
        r.uri as target,
        coalesce(r."mapped-path", r.mappedPath) as mapped_path,
        try_cast(r.status as integer) as status,
        try_cast(coalesce(
            r."gateway-response-time-ms", r."response-time", r.gatewayResponseTimeMs, r.proxyResponseTimeMs
        ) as double) as latency_ms,
        try_cast(coalesce(
            r."endpoint-response-time-ms", r."api-response-time", r.endpointResponseTimeMs, r.apiResponseTimeMs
        ) as double) as upstream_latency_ms,
        try_cast(coalesce(r."request-content-length", r.requestContentLength) as bigint) as request_bytes,
        try_cast(coalesce(r."response-content-length", r.responseContentLength) as bigint) as response_bytes,
        coalesce(r."request-ended", r.requestEnded) as ended,
        nullif(nullif(coalesce(r."api-id", r.api, r.apiId), ''), '1') as api,
        nullif(nullif(coalesce(r."application-id", r.application, r.applicationId), ''), '1') as application,
        nullif(coalesce(r."plan-id", r.plan, r.planId), '') as plan,
        nullif(coalesce(r."subscription-id", r.subscription, r.subscriptionId), '') as subscription,
        nullif(coalesce(r."security-token", r.securityToken, r."api-key", r.apiKey), '') as raw_key,
        nullif(r."user", '') as username,
        coalesce(r."remote-address", r.remoteAddress) as client_ip,
        nullif(coalesce(r."user-agent", r.userAgent), '') as user_agent,
        coalesce(r."error-key", r.errorKey) as error_key,
        coalesce(
            r."request-ended", r."response-time", r.requestEnded, r.proxyResponseTimeMs, r."gateway-response-time-ms"
        ) is not null
        and coalesce(r."api-id", r.api, r.apiId, r.gateway, r.requestId) is not null
        and coalesce(r.uri, r."http-method", r.method, r.httpMethod, r.status) is not null as is_call,
        case
            when r.type in ('v4-metrics', 'request') then null
            when r.type is not null then r.type
            when r."index" is not null then 'index (where the next line belongs)'
            when coalesce(r."connector-id", r.connectorId) is not null then 'message metrics or log'
            when coalesce(r."client-request", r.clientRequest, r."entrypoint-request", r.entrypointRequest) is not null then 'log'
            when r.steps is not null then 'health check'
            when r.jvm is not null then 'node monitor'
        end as other_record
    from record
),

placed as (
    select
        *,
        case when regexp_matches(stamp, '^[0-9]{13}$') then epoch_ms_time(try_cast(stamp as double)) else iso_time(stamp) end
            as occurred_at,
        path_of(target) as path
    from call
)

select
    occurred_at,
    'api' as surface,
    request_id,
    case method_code
        when '3' then 'GET' when '7' then 'POST' when '8' then 'PUT' when '2' then 'DELETE' when '6' then 'PATCH'
        when '4' then 'HEAD' when '5' then 'OPTIONS' when '1' then 'CONNECT' when '9' then 'TRACE'
        else case when not regexp_matches(method_code, '^-?[0-9]') then nullif(method_code, 'OTHER') end
    end as method,
    path,
    path_template(path) as path_template,
    nullif(mapped_path, '') as route,
    api as service,
    status,
    case when latency_ms >= 0 then latency_ms end as latency_ms,
    case when upstream_latency_ms >= 0 then upstream_latency_ms end as upstream_latency_ms,
    case when request_bytes >= 0 then request_bytes end as request_bytes,
    case when response_bytes >= 0 then response_bytes end as response_bytes,
    coalesce(subscription, 'key:' || keyed_hash(raw_key)) as credential_ref,
    case when application is null then username end as consumer_ref,
    application as application_ref,
    plan as plan_ref,
    case when application is not null then username end as end_user_ref,
    nullif(client_ip, '') as client_ip,
    user_agent,
    refusal_of(status, api is not null, false, starts_with(error_key, 'QUOTA')) as refusal,
    line_no,
    case
        when is_broken then 'not a JSON object: cut short, interleaved or plain text'
        when other_record is not null then 'a Gravitee record of another type, not of a call: ' || left(other_record, 40)
        when not is_call then 'not a record of Gravitee''s metrics: no response time and no request-ended'
        when ended = 'false' then 'a v4 call that still goes on (request-ended is false): it is written again at its end'
        when stamp is null then 'metrics without a time: no @timestamp or timestamp'
        when occurred_at is null then 'the time is none that is known: ' || left(stamp, 40)
    end as problem,
    line
from placed
