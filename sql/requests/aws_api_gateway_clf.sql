-- format: aws_api_gateway_clf
-- label: AWS API Gateway access log (CLF)
-- sign: \] ?"[^"]*" ([0-9]+|-) (([0-9]+|-) )?([0-9a-fA-F]{8}-|[A-Za-z0-9_-]{10,}=)
-- record: text
-- definition: The console's CLF template of REST, HTTP and WebSocket APIs, old and new: like a common log line, but the
--   request names a route template and no path, and the request id follows the bytes, then the extended one. There is no
--   latency, user agent or key in it, so these are null. The consumer is the IAM user or caller, where there is one.
-- example: 203.0.113.9 - - [09/Jun/2026:14:00:00 +0200]"GET /parcels/{id} HTTP/1.1" 200 518
--   0f6f2c1e-7a31-4d0e-9c1e-2b7a4a1f9d10
with parsed as (
    select
        line_no,
        line,
        regexp_extract(
            line,
            '^([^ ]+) ([^ ]+) ([^ ]+) \[([^\]]*)\] ?"([^ "]+) ([^"]*) ([^ "]+)" ([0-9]+|-) (?:([0-9]+|-) )?'
            || '([0-9a-fA-F]{8}-[0-9a-fA-F-]{27}[A-Z_]*|[A-Za-z0-9_-]{10,}=)(?: [A-Za-z0-9_=-]+)?\s*$',
            ['ip', 'caller', 'user', 'stamp', 'verb', 'route', 'protocol', 'status', 'response_length', 'request_id']
        ) as p
    from record
),

call as (
    select
        line_no,
        line,
        p.ip,
        p.caller,
        p."user",
        p.stamp,
        p.response_length,
        p.request_id,
        said(p.route) as route,
        case when starts_with(p.protocol, 'HTTP/') then said(p.verb) end as method,
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
            case
                when regexp_matches(line, '^[^ ]+ [^ ]+ [^ ]+ \[[0-9]{2}/[A-Z][a-z]{2}/') then
                    'cut short or another common log: no request id of API Gateway follows the status and the bytes'
                else 'not a CLF line of API Gateway'
            end
        when clf_time(stamp) is null then 'no time that can be read: [' || stamp || ']'
    end as problem,
    line
from call
