-- format: krakend_json
-- label: KrakenD Enterprise access log (JSON)
-- sign: "status_code"
-- record: json
-- definition: What access_log_format = "json" writes. The log has no time zone: UTC is taken. The time is the end of a request, so
--   its latency, in seconds, is taken off. The log names no caller but an api_key in a query string, of which a hash is kept;
--   bytes, user agent, request id and upstream time are null.
-- example: {"prefix":"[KRAKEND]", "time":"2026/06/09 - 12:00:01.250", "status_code":200, "latency":"0.013",
--   "client_ip":"203.0.113.8", "method":"GET", "path":"/v1/rates"}
-- shape: {"time": "VARCHAR", "status_code": "VARCHAR", "latency": "VARCHAR", "client_ip": "VARCHAR", "method": "VARCHAR",
--   "path": "VARCHAR"}
with said_fields as (
    select
        line_no,
        line,
        is_broken,
        r.time as stamp,
        gin_time(r.time) as stamped_at,
        try_cast(r.status_code as integer) as status,
        try_cast(rtrim(r.latency, 's') as double) as seconds,
        said(r.client_ip) as client_ip,
        said(r.method) as method,
        said(r.path) as target
    from record
),

call as (
    select *, path_of(target) as path, contains(target, '?') as has_query, round(1000 * seconds, 3) as latency_ms
    from said_fields
)

select
    started_at(stamped_at, latency_ms) as occurred_at,
    'api' as surface,
    method,
    path,
    path_template(path) as path_template,
    status,
    latency_ms,
    case when has_query then key_in_query(target) end as credential_ref,
    client_ip,
    refusal_of(status, false, false, false) as refusal,
    line_no,
    case
        when is_broken then 'not a JSON object: cut short, interleaved or plain text'
        when stamp is null then 'not a KrakenD access record: no time'
        when not coalesce(regexp_full_match(stamp, '[0-9]{4}/[0-9]{2}/[0-9]{2} - [0-9:.]+'), false) or stamped_at is null
            then 'time is not as KrakenD writes it: ' || stamp
        when status is null or target is null then 'not a KrakenD access record: no status_code or path'
    end as problem,
    line
from call
