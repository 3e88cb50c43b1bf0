-- format: aws_api_gateway_xml
-- label: AWS API Gateway access log (XML)
-- sign: <request id="
-- record: text
-- definition: The console's XML template of REST, HTTP and WebSocket APIs, one element a line. The route is a template and no
--   path. There is no latency, user agent or key in it, so these are null.
-- example: <request id="0f6f2c1e-7a31-4d0e-9c1e-2b7a4a1f9d10"> <ip>203.0.113.9</ip> <caller>-</caller> <user>-</user>
--   <requestTime>09/Jun/2026:14:00:00 +0200</requestTime> <httpMethod>GET</httpMethod>
--   <resourcePath>/parcels/{id}</resourcePath> <status>200</status> <protocol>HTTP/1.1</protocol>
--   <responseLength>518</responseLength> </request>
with parsed as (
    select
        line_no,
        line,
        regexp_extract(
            line,
            '^\s*<request id="([^"]*)">\s*(?:<extendedRequestId>[^<]*</extendedRequestId>\s*)?<ip>([^<]*)</ip>\s*'
            || '(?:<caller>([^<]*)</caller>\s*)?(?:<user>([^<]*)</user>\s*)?<requestTime>([^<]*)</requestTime>\s*'
            || '(?:<httpMethod>([^<]*)</httpMethod>\s*)?(?:<eventType>[^<]*</eventType>\s*)?'
            || '<(?:resourcePath|routeKey)>([^<]*)</(?:resourcePath|routeKey)>\s*<status>([^<]*)</status>\s*'
            || '(?:<protocol>[^<]*</protocol>\s*)?(?:<responseLength>([^<]*)</responseLength>\s*)?'
            || '(?:<connectionId>[^<]*</connectionId>\s*)?</request>\s*$',
            ['request_id', 'ip', 'caller', 'user', 'stamp', 'method', 'route', 'status', 'response_length']
        ) as p
    from record
),

call as (
    select
        line_no,
        line,
        p.request_id,
        p.ip,
        p.caller,
        p."user",
        p.stamp,
        p.response_length,
        said(p.route) as route,
        said(p.method) as method,
        try_cast(p.status as integer) as status
    from parsed
)

select
    clf_time(stamp) as occurred_at,
    'api' as surface,
    said(request_id) as request_id,
    method,
    cast(null as varchar) as path,
    case when starts_with(route, '/') then route else nullif(regexp_extract(route, '^[A-Z]+ (/.*)$', 1), '') end
        as path_template,
    route,
    cast(null as varchar) as service,
    status,
    cast(null as double) as latency_ms,
    cast(null as double) as upstream_latency_ms,
    cast(null as bigint) as request_bytes,
    try_cast(response_length as bigint) as response_bytes,
    cast(null as varchar) as credential_ref,
    coalesce(said("user"), said(caller)) as consumer_ref,
    cast(null as varchar) as application_ref,
    cast(null as varchar) as developer_ref,
    cast(null as varchar) as plan_ref,
    cast(null as varchar) as end_user_ref,
    said(ip) as client_ip,
    cast(null as varchar) as user_agent,
    refusal_of(status, route is not null, false, false) as refusal,
    cast(null as varchar) as limit_window,
    cast(null as bigint) as limit_calls,
    cast(null as bigint) as limit_left,
    line_no,
    cast(null as varchar) as referrer_host,
    case
        when request_id = '' then
            case when regexp_matches(line, '^\s*<request id="') then 'cut short or changed: not the elements of an XML template of API Gateway'
                else 'not an XML element of API Gateway' end
        when clf_time(stamp) is null then 'no time that can be read: ' || stamp
    end as problem,
    line
from call
