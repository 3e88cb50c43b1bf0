-- format: tyk
-- label: Tyk Pump analytics records (JSON)
-- sign: "response_code\\?"
-- record: json
-- keys: once
-- definition: Tyk's analytics records as the pump's sinks write them: bare, or inside the tyk-analytics-record (or
--   analytics-record) of the stdout pump's JSON. The key, raw or hashed by Tyk, becomes a hash; a call without a key has
--   none. A route only where the path is tracked. An error that the gateway answers itself has no times (Tyk writes 0); a
--   length of -1 is null. The raw request and response are never read. A time in the year 1 is none.
-- example: {"method":"GET","host":"quotes.internal","path":"/v1/quotes/88213","raw_path":"/v1/quotes/88213",
--   "content_length":0,"user_agent":"harbor-go/3.1","day":9,"month":6,"year":2026,"hour":12,"response_code":200,
--   "api_key":"6129dc1e8b64c6b4","timestamp":"2026-06-09T12:00:00.25Z","api_version":"Non Versioned","api_name":"quotes",
--   "api_id":"a1b2c3","org_id":"53ac07777cbb8c2d53000002","oauth_id":"","request_time":48,
--   "ip_address":"198.51.100.24","latency":{"total":48,"upstream":45},"tags":[],"alias":"acme","track_path":false}
-- shape: {"tyk-analytics-record": {"method": "VARCHAR", "path": "VARCHAR", "raw_path": "VARCHAR",
--     "original_path": "VARCHAR", "listen_path": "VARCHAR", "content_length": "VARCHAR", "user_agent": "VARCHAR",
--     "response_code": "VARCHAR", "api_key": "VARCHAR", "timestamp": "VARCHAR", "api_name": "VARCHAR", "api_id": "VARCHAR",
--     "oauth_id": "VARCHAR", "request_time": "VARCHAR", "ip_address": "VARCHAR", "alias": "VARCHAR",
--     "track_path": "VARCHAR", "latency": {"total": "VARCHAR", "upstream": "VARCHAR"}},
--   "analytics-record": {"method": "VARCHAR", "path": "VARCHAR", "raw_path": "VARCHAR",
--     "original_path": "VARCHAR", "listen_path": "VARCHAR", "content_length": "VARCHAR", "user_agent": "VARCHAR",
--     "response_code": "VARCHAR", "api_key": "VARCHAR", "timestamp": "VARCHAR", "api_name": "VARCHAR", "api_id": "VARCHAR",
--     "oauth_id": "VARCHAR", "request_time": "VARCHAR", "ip_address": "VARCHAR", "alias": "VARCHAR",
--     "track_path": "VARCHAR", "latency": {"total": "VARCHAR", "upstream": "VARCHAR"}},
--   "method": "VARCHAR", "http_method": "VARCHAR", "path": "VARCHAR", "raw_path": "VARCHAR", "request_uri": "VARCHAR",
--   "request_uri_full": "VARCHAR", "original_path": "VARCHAR", "listen_path": "VARCHAR", "content_length": "VARCHAR",
--   "user_agent": "VARCHAR", "response_code": "VARCHAR", "api_key": "VARCHAR", "timestamp": "VARCHAR",
--   "@timestamp": "VARCHAR", "time_stamp": "VARCHAR", "api_name": "VARCHAR", "api_id": "VARCHAR", "oauth_id": "VARCHAR",
--   "request_time": "VARCHAR", "request_time_ms": "VARCHAR", "ip_address": "VARCHAR", "alias": "VARCHAR",
--   "track_path": "VARCHAR", "latency": {"total": "VARCHAR", "upstream": "VARCHAR"},
--   "prefix": "VARCHAR", "msg": "VARCHAR"}
with opened as (
    select
        line_no,
        line,
        is_broken,
        coalesce(r."tyk-analytics-record", r."analytics-record") as wrapped,
        coalesce(r."timestamp", r."@timestamp", r.time_stamp) as stamp,
        coalesce(r.method, r.http_method) as method,
        coalesce(r.path, r.request_uri) as path,
        coalesce(r.raw_path, r.request_uri_full) as raw_path,
        r.original_path as original_path,
        r.listen_path as listen_path,
        r.track_path as track_path,
        r.response_code as response_code,
        r.api_key as api_key,
        r.api_name as api_name,
        r.api_id as api_id,
        r.oauth_id as oauth_id,
        r.alias as alias,
        r.latency.total as total,
        r.latency.upstream as upstream,
        coalesce(r.request_time, r.request_time_ms) as request_time,
        r.content_length as content_length,
        r.ip_address as ip_address,
        r.user_agent as user_agent,
        r.prefix as pump_prefix,
        r.msg as pump_message
    from record
),

call as (
    select
        line_no,
        line,
        is_broken,
        coalesce(stamp, wrapped."timestamp") as stamp,
        nullif(coalesce(method, wrapped.method), '') as method,
        nullif(coalesce(path, wrapped.path), '') as logged_path,
        nullif(coalesce(raw_path, wrapped.raw_path), '') as raw_path,
        nullif(coalesce(original_path, wrapped.original_path), '') as original_path,
        rtrim(coalesce(listen_path, wrapped.listen_path), '/') as listen_path,
        coalesce(track_path, wrapped.track_path) = 'true' as is_tracked,
        try_cast(coalesce(response_code, wrapped.response_code) as integer) as status,
        coalesce(api_key, wrapped.api_key) as api_key,
        coalesce(nullif(coalesce(api_name, wrapped.api_name), ''), nullif(coalesce(api_id, wrapped.api_id), '')) as service,
        nullif(coalesce(oauth_id, wrapped.oauth_id), '') as oauth_id,
        nullif(coalesce(alias, wrapped.alias), '') as alias,
        try_cast(coalesce(total, wrapped.latency.total, request_time, wrapped.request_time) as double) as total_ms,
        try_cast(coalesce(upstream, wrapped.latency.upstream) as double) as upstream_ms,
        try_cast(coalesce(content_length, wrapped.content_length) as bigint) as request_bytes,
        coalesce(ip_address, wrapped.ip_address) as ip_address,
        nullif(coalesce(user_agent, wrapped.user_agent), '') as user_agent,
        coalesce(response_code, wrapped.response_code) is not null
        and coalesce(api_id, wrapped.api_id, api_name, wrapped.api_name, api_key, wrapped.api_key) is not null as is_call,
        coalesce(pump_prefix, pump_message) is not null as is_pump
    from opened
),

placed as (
    select
        *,
        case when not starts_with(stamp, '0001-') then iso_time(stamp) end as occurred_at,
        path_of(coalesce(
            original_path,
            case
                when listen_path = '' or starts_with(coalesce(raw_path, logged_path), listen_path || '/')
                    then coalesce(raw_path, logged_path)
                else listen_path || coalesce(raw_path, logged_path)
            end,
            raw_path,
            logged_path
        )) as path,
        -- the gateway times no call that it turns away
        status >= 400 and total_ms = 0 and coalesce(upstream_ms, 0) = 0 as is_untimed
    from call
)

select
    occurred_at,
    'api' as surface,
    method,
    path,
    path_template(path) as path_template,
    case when is_tracked then logged_path end as route,
    service,
    status,
    case when total_ms >= 0 and not coalesce(is_untimed, false) then total_ms end as latency_ms,
    case when upstream_ms >= 0 and not coalesce(is_untimed, false) then upstream_ms end as upstream_latency_ms,
    case when request_bytes >= 0 then request_bytes end as request_bytes,
    tyk_key(api_key) as credential_ref,
    coalesce(alias, oauth_id) as consumer_ref,
    oauth_id as application_ref,
    forwarded_address(ip_address) as client_ip,
    user_agent,
    refusal_of(status, true, is_untimed, false) as refusal,
    line_no,
    case
        when is_broken and not starts_with(ltrim(line), '{') and contains(line, 'analytics-record')
            then 'an analytics record as text, which the format tyk_pump reads'
        when is_broken and not starts_with(ltrim(line), '{') then 'plain text, as the pump itself writes, not an analytics record'
        when is_broken then 'not a JSON object: cut short or interleaved'
        when not is_call and is_pump then 'a record of the pump''s own log, not an analytics record'
        when not is_call then 'not a Tyk analytics record: no response_code, or no API and no key'
        when occurred_at is null and (stamp is null or starts_with(stamp, '0001-')) then 'an analytics record without a timestamp'
        when occurred_at is null then 'timestamp is no time that is known: ' || left(stamp, 40)
    end as problem,
    line
from placed
