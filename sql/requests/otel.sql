-- format: otel
-- label: OpenTelemetry HTTP spans or logs (OTLP JSON)
-- sign: "resource(Spans|Logs)"
-- record: json
-- keys: once
-- wrappers: resourceSpans, resourceLogs
-- says: environment
-- definition: OTLP as the collector's file exporter writes it: a line holds many spans, or many log records, and counts as that many. Each SERVER
--   span of HTTP is a call of its service, each service on a call's way has one: read the spans of the gateway alone to count calls once.
--   Any other span (client, internal, producer, consumer) is no call and counts as blank, but the HTTP CLIENT spans below a call on its line
--   are its upstream time. Old and new names of attributes are read. Who called is known by end_user_ref only, where enduser.id is set.
-- example: {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "quotes"}}]}, "scopeSpans":
--   [{"spans": [{"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "kind": 2, "startTimeUnixNano":
--   "1781006400250000000", "endTimeUnixNano": "1781006400334000000", "attributes": [{"key": "http.request.method", "value":
--   {"stringValue": "GET"}}, {"key": "url.path", "value": {"stringValue": "/v1/quotes/7"}}, {"key": "http.response.status_code", "value":
--   {"intValue": "200"}}]}]}]}]}
-- shape: {"service": "VARCHAR", "environment": "VARCHAR",
--   "span": {"traceId": "VARCHAR", "spanId": "VARCHAR", "parentSpanId": "VARCHAR", "kind": "VARCHAR", "startTimeUnixNano": "BIGINT",
--     "endTimeUnixNano": "BIGINT",
--     "attributes": [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR", "intValue": "VARCHAR"}}]},
--   "log": {"timeUnixNano": "BIGINT", "observedTimeUnixNano": "BIGINT", "traceId": "VARCHAR",
--     "body": {"kvlistValue": {"values": [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR", "intValue": "VARCHAR"}}]}},
--     "attributes": [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR", "intValue": "VARCHAR"}}]}}
with part as (
    select
        line_no,
        line,
        is_broken,
        r.service as service,
        r.environment as environment,
        r.span is not null as is_span,
        r.log is not null as is_log,
        r.span.kind as kind,
        coalesce(r.span.traceId, r.log.traceId) as trace_id,
        r.span.spanId as span_id,
        r.span.parentSpanId as parent_id,
        r.span.startTimeUnixNano as start_ns,
        r.span.endTimeUnixNano as end_ns,
        coalesce(nullif(r.log.timeUnixNano, 0), r.log.observedTimeUnixNano) as logged_ns,
        case
            when r.span is not null then r.span.attributes
            else list_concat(r.log.attributes, r.log.body.kvlistValue.values)
        end as pairs
    from record
),

keyed as (
    select
        *,
        otlp_keys(pairs) as keys,
        is_span and kind in ('2', 'SPAN_KIND_SERVER') as is_server,
        is_span and kind in ('3', 'SPAN_KIND_CLIENT') as is_client
    from part
),

told as materialized (
    select
        line_no,
        line,
        is_broken,
        service,
        environment,
        is_span,
        is_log,
        is_server,
        is_client,
        trace_id,
        span_id,
        parent_id,
        start_ns,
        end_ns,
        logged_ns,
        case when is_server or is_client or is_log then
            coalesce(otlp_value(keys, pairs, 'http.request.method'), otlp_value(keys, pairs, 'http.method'))
        end as method,
        case when is_server or is_log then struct_pack(
            original_method := otlp_value(keys, pairs, 'http.request.method_original'),
            target := coalesce(
                otlp_value(keys, pairs, 'url.path'), otlp_value(keys, pairs, 'http.target'), otlp_value(keys, pairs, 'url.full'),
                otlp_value(keys, pairs, 'http.url')),
            route := otlp_value(keys, pairs, 'http.route'),
            status := coalesce(
                otlp_text(keys, pairs, 'http.response.status_code'), otlp_text(keys, pairs, 'http.status_code')),
            request_bytes := coalesce(
                otlp_text(keys, pairs, 'http.request.size'), otlp_text(keys, pairs, 'http.request.body.size'),
                otlp_text(keys, pairs, 'http.request_content_length')),
            response_bytes := coalesce(
                otlp_text(keys, pairs, 'http.response.size'), otlp_text(keys, pairs, 'http.response.body.size'),
                otlp_text(keys, pairs, 'http.response_content_length')),
            client := coalesce(
                otlp_value(keys, pairs, 'client.address'), otlp_value(keys, pairs, 'http.client_ip'),
                otlp_value(keys, pairs, 'network.peer.address'), otlp_value(keys, pairs, 'net.sock.peer.addr'),
                otlp_value(keys, pairs, 'net.peer.ip')),
            agent := coalesce(otlp_value(keys, pairs, 'user_agent.original'), otlp_value(keys, pairs, 'http.user_agent')),
            end_user := coalesce(otlp_text(keys, pairs, 'enduser.id'), otlp_text(keys, pairs, 'user.id'))
        ) end as said
    from keyed
),

upstream as (
    select line_no, trace_id, parent_id, (max(end_ns) - min(start_ns)) / 1000000.0 as upstream_ms
    from told
    where is_client and method is not null and end_ns >= start_ns and start_ns > 0
    group by line_no, trace_id, parent_id
),

call as (
    select
        told.*,
        epoch_ns_time(case when is_log then logged_ns else start_ns end) as occurred_at,
        path_of(said.target) as path,
        try_cast(said.status as integer) as status,
        upstream.upstream_ms
    from told
    left join upstream on upstream.line_no = told.line_no and upstream.trace_id = told.trace_id and upstream.parent_id = told.span_id
)

select
    occurred_at,
    'api' as surface,
    environment_of(environment) as environment,
    nullif(trace_id, '') as request_id,
    case when method = '_OTHER' then coalesce(said.original_method, method) else method end as method,
    path,
    coalesce(nullif(said.route, ''), path_template(path)) as path_template,
    nullif(said.route, '') as route,
    nullif(service, '') as service,
    status,
    case when is_span and end_ns >= start_ns then (end_ns - start_ns) / 1000000.0 end as latency_ms,
    upstream_ms as upstream_latency_ms,
    try_cast(said.request_bytes as bigint) as request_bytes,
    try_cast(said.response_bytes as bigint) as response_bytes,
    said.end_user as end_user_ref,
    said.client as client_ip,
    said.agent as user_agent,
    refusal_of(status, nullif(said.route, '') is not null, false, false) as refusal,
    line_no,
    case
        when is_broken then 'not a JSON object: cut short, interleaved or plain text'
        when is_span and not coalesce(is_server, false) then 'blank'
        when not coalesce(is_span or is_log, false) then
            case when line like '%"resourceMetrics"%' then 'OTLP metrics (resourceMetrics): totals, not calls'
                else 'not an OTLP record: no resourceSpans and no resourceLogs' end
        when is_span and method is null then 'a server span that is not of HTTP: it has no http.request.method'
        when is_log and (method is null or coalesce(path, said.status) is null)
            then 'a log record that is not of an HTTP request: it has no http.request.method with a path or status'
        when occurred_at is null then 'a ' || case when is_log then 'log record' else 'span' end || ' without a time'
    end as problem,
    line
from call
