-- format: caddy
-- label: Caddy 2 access log (JSON)
-- sign: http[.]log[.]access|"handled request\\?"
-- record: json
-- definition: Records of Caddy's http.log.access loggers; those of its other loggers are no calls. ts as epoch seconds,
--   milliseconds or nanoseconds, ISO, wall or common log time, without a zone as UTC. A duration is seconds, or a text with
--   its unit; a whole number (settings `ms` and `nano`, which no line tells apart) is null. Service is the host that was
--   asked for. An API key in a header or the query string becomes a hash. There is no route.
-- example: {"level":"info","ts":1781006400.250125,"logger":"http.log.access.log0","msg":"handled request",
--   "request":{"remote_ip":"198.51.100.21","remote_port":"51622","client_ip":"198.51.100.21","proto":"HTTP/2.0",
--   "method":"GET","host":"api.harbor.example","uri":"/v1/quotes/88213?carrier=all","headers":{"User-Agent":
--   ["harbor-go/3.1"],"Authorization":["REDACTED"]}},"bytes_read":0,"user_id":"acme","duration":0.048250125,
--   "size":734,"status":200,"resp_headers":{"Content-Type":["application/json"]}}
-- shape: {"level": "VARCHAR", "ts": "VARCHAR", "time": "VARCHAR", "timestamp": "VARCHAR", "logger": "VARCHAR",
--   "msg": "VARCHAR", "message": "VARCHAR",
--   "request": {"remote_ip": "VARCHAR", "remote_addr": "VARCHAR", "client_ip": "VARCHAR", "method": "VARCHAR",
--     "host": "VARCHAR", "uri": "VARCHAR",
--     "headers": {"User-Agent": "VARCHAR", "Referer": "VARCHAR", "X-Forwarded-For": "VARCHAR", "X-Request-Id": "VARCHAR",
--       "X-Api-Key": "VARCHAR", "Apikey": "VARCHAR"}},
--   "common_log": "VARCHAR", "bytes_read": "VARCHAR", "user_id": "VARCHAR", "duration": "VARCHAR", "size": "VARCHAR",
--   "status": "VARCHAR", "resp_headers": {"X-Request-Id": "VARCHAR", "Retry-After": "VARCHAR"}}
with said_fields as (
    select
        line_no,
        line,
        is_broken,
        r.logger as logger,
        coalesce(r.ts, r."timestamp", r."time") as stamp,
        r.request.uri as target,
        r.request.method as method,
        r.request.host as host,
        header_value(coalesce(r.resp_headers."X-Request-Id", r.request.headers."X-Request-Id")) as request_id,
        try_cast(r.status as integer) as status,
        r.duration as duration,
        try_cast(r.bytes_read as bigint) as request_bytes,
        try_cast(r.size as bigint) as response_bytes,
        header_value(coalesce(r.request.headers."X-Api-Key", r.request.headers.Apikey)) as raw_key,
        coalesce(r.user_id, split_part(r.common_log, ' ', 3)) as username,
        header_value(r.request.headers."X-Forwarded-For") as forwarded_for,
        coalesce(r.request.client_ip, r.request.remote_ip, r.request.remote_addr, split_part(r.common_log, ' ', 1)) as peer,
        header_value(r.request.headers."User-Agent") as user_agent,
        header_value(r.request.headers.Referer) as referer,
        header_value(r.resp_headers."Retry-After") as retry_after,
        (coalesce(starts_with(r.logger, 'http.log.access'), false) or coalesce(coalesce(r.msg, r.message) = 'handled request', false))
        and coalesce(r.request.uri, r.request.method) is not null and r.status is not null as is_call
    from record
),

counted as (
    select *, try_cast(stamp as double) as epoch
    from said_fields
),

call as (
    select
        *,
        case
            when epoch < 100000000000 then epoch_time(epoch)
            when epoch < 100000000000000 then epoch_time(epoch / 1000)
            when epoch is not null then epoch_time(epoch / 1000000000)
            when substr(stamp, 5, 1) = '/' then iso_time(replace(stamp, '/', '-'))
            when substr(stamp, 3, 1) = '/' then clf_time(stamp)
            else iso_time(stamp)
        end as occurred_at,
        path_of(target) as path,
        forwarded_address(coalesce(forwarded_for, peer)) as client_ip
    from counted
)

select
    occurred_at,
    'api' as surface,
    request_id,
    method,
    path,
    path_template(path) as path_template,
    nullif(lower(address_of(host)), '') as service,
    status,
    case
        when contains(duration, 's') then go_duration_ms(duration)
        when contains(duration, '.') or contains(duration, 'e') or duration = '0' then round(1000 * try_cast(duration as double), 6)
    end as latency_ms,
    case when request_bytes >= 0 then request_bytes end as request_bytes,
    case when response_bytes >= 0 then response_bytes end as response_bytes,
    coalesce('key:' || keyed_hash(raw_key), case when contains(target, '?') then key_in_query(target) end) as credential_ref,
    said(username) as consumer_ref,
    client_ip,
    user_agent,
    refusal_of(status, true, false, try_cast(retry_after as double) > 3600) as refusal,
    line_no,
    host_of(referer) as referrer_host,
    case
        when is_broken then 'not a JSON object: cut short, interleaved or plain text'
        when starts_with(logger, 'http.log.error')
            then 'the record of an error (' || left(logger, 40) || '): the call has an access record of its own'
        when not is_call and logger is not null and not starts_with(logger, 'http.log.access')
            then 'a record of Caddy''s logger ' || left(logger, 40) || ', not of a request'
        when not is_call then 'not a Caddy access record: no request with a URI or method, or no status'
        when stamp is null then 'a Caddy access record without a time: no ts'
        when occurred_at is null then 'ts is no time that is known: ' || left(stamp, 40)
    end as problem,
    line
from call
