-- format: kong
-- label: Kong file-log or http-log
-- sign: "started_at"
-- record: json
-- keys: once
-- definition: The file-log and http-log plugins, one record a line; http-log also posts arrays. A latency of -1 means that a call never
--   reached the backend and is null; the plugins that limit calls say in the answer's headers how much is left.
-- example: {"started_at":1781006400250,"client_ip":"198.51.100.23","request":{"method":"GET","uri":"/v1/rates?to=de","size":412,
--   "headers":{"user-agent":"harbor-go/3.1"}},"response":{"status":200,"size":1530},"latencies":{"request":43,"proxy":40,"kong":3},
--   "route":{"name":"rates"},"service":{"name":"shipping"},"consumer":{"custom_id":"app_7"},"authenticated_entity":{"id":"key-55"}}
-- shape: {"started_at": "DOUBLE", "client_ip": "VARCHAR",
--   "request": {"id": "VARCHAR", "method": "VARCHAR", "uri": "VARCHAR", "size": "BIGINT",
--     "headers": {"user-agent": "VARCHAR", "referer": "VARCHAR", "kong-request-id": "VARCHAR", "x-request-id": "VARCHAR",
--       "x-correlation-id": "VARCHAR"}},
--   "response": {"status": "INTEGER", "size": "BIGINT",
--     "headers": {"x-kong-request-id": "VARCHAR", "kong-request-id": "VARCHAR", "x-request-id": "VARCHAR",
--       "x-ratelimit-limit-second": "VARCHAR", "x-ratelimit-limit-minute": "VARCHAR", "x-ratelimit-limit-hour": "VARCHAR",
--       "x-ratelimit-limit-day": "VARCHAR", "x-ratelimit-limit-month": "VARCHAR", "x-ratelimit-limit-year": "VARCHAR",
--       "x-ratelimit-remaining-second": "VARCHAR", "x-ratelimit-remaining-minute": "VARCHAR",
--       "x-ratelimit-remaining-hour": "VARCHAR", "x-ratelimit-remaining-day": "VARCHAR",
--       "x-ratelimit-remaining-month": "VARCHAR", "x-ratelimit-remaining-year": "VARCHAR",
--       "retry-after": "VARCHAR", "ratelimit-reset": "VARCHAR"}},
--   "latencies": {"request": "DOUBLE", "proxy": "DOUBLE"},
--   "route": {"id": "VARCHAR", "name": "VARCHAR"}, "service": {"id": "VARCHAR", "name": "VARCHAR"},
--   "consumer": {"id": "VARCHAR", "username": "VARCHAR", "custom_id": "VARCHAR"},
--   "authenticated_entity": {"id": "VARCHAR"}, "session": "VARCHAR"}
with call as (
    select
        line_no,
        line,
        epoch_ms_time(r.started_at) as occurred_at,
        coalesce(
            r.request.id, r.response.headers."x-kong-request-id", r.response.headers."kong-request-id",
            r.request.headers."kong-request-id", r.request.headers."x-request-id",
            r.response.headers."x-request-id", r.request.headers."x-correlation-id"
        ) as request_id,
        r.request.method as method,
        path_of(r.request.uri) as path,
        coalesce(r.route.name, r.route.id) as route,
        coalesce(r.service.name, r.service.id) as service,
        r.response.status as status,
        case when r.latencies.request >= 0 then r.latencies.request end as latency_ms,
        case when r.latencies.proxy >= 0 then r.latencies.proxy end as upstream_latency_ms,
        r.latencies.proxy < 0 as never_proxied,
        r.request.size as request_bytes,
        r.response.size as response_bytes,
        r.authenticated_entity.id as credential_ref,
        coalesce(nullif(r.consumer.custom_id, ''), nullif(r.consumer.username, ''), r.consumer.id) as consumer_ref,
        r.client_ip as client_ip,
        r.request.headers."user-agent" as user_agent,
        host_of(r.request.headers.referer) as referrer_host,
        r.response.headers as told,
        case when coalesce(
            r.response.headers."x-ratelimit-limit-second", r.response.headers."x-ratelimit-limit-minute",
            r.response.headers."x-ratelimit-limit-hour", r.response.headers."x-ratelimit-limit-day",
            r.response.headers."x-ratelimit-limit-month", r.response.headers."x-ratelimit-limit-year"
        ) is not null then tightest_limit(r.response.headers) end as tight,
        case
            when is_broken then 'not a JSON object: cut short, interleaved or plain text'
            when r.request is null and r.session is not null then 'a TCP stream record (session), not a request'
            when r.request is null then 'not a Kong record: no request'
            when epoch_ms_time(r.started_at) is null then 'no started_at in epoch milliseconds'
        end as problem
    from record
)

select
    occurred_at,
    'api' as surface,
    request_id,
    method,
    path,
    path_template(path) as path_template,
    route,
    service,
    status,
    latency_ms,
    upstream_latency_ms,
    request_bytes,
    response_bytes,
    credential_ref,
    consumer_ref,
    client_ip,
    user_agent,
    case when status between 200 and 399 then null else refusal_of(
        status, route is not null, never_proxied,
        (
            '0' in (told."x-ratelimit-remaining-day", told."x-ratelimit-remaining-month", told."x-ratelimit-remaining-year")
            or (
                coalesce(told."x-ratelimit-remaining-second", told."x-ratelimit-remaining-minute",
                    told."x-ratelimit-remaining-hour", told."x-ratelimit-remaining-day",
                    told."x-ratelimit-remaining-month", told."x-ratelimit-remaining-year") is null
                and coalesce(try_cast(told."retry-after" as double), try_cast(told."ratelimit-reset" as double)) > 3600
            )
        )
    ) end as refusal,
    case when tight.share is not null then tight.called end as limit_window,
    case when tight.share is not null then tight.calls end as limit_calls,
    case when tight.share is not null then tight.remaining end as limit_left,
    line_no,
    referrer_host,
    problem,
    line
from call
