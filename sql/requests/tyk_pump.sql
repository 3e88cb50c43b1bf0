-- format: tyk_pump
-- label: Tyk Pump analytics records (text of the syslog and stdout pumps)
-- sign: map\[alias:|analytics-record[^{]{0,8}[{]
-- record: text
-- definition: Tyk's analytics records as Go prints them: the syslog pump's map[…] and what the stdout pump writes unless its
--   format is json. The key, raw or hashed by Tyk, becomes a hash; a call without a key has none. The times of a map are
--   the total only. An error that the gateway answers itself has no times (Tyk writes 0); a length of -1 is null.
-- example: <6>2026-06-09T12:00:01Z pump-0 gateway[1]: map[alias:acme api_id:a1b2c3 api_key:6129dc1e8b64c6b4 api_name:quotes
--   api_version:Non Versioned content_length:%!s(int64=0) host:quotes.internal ip_address:198.51.100.24 method:GET oauth_id:
--   org_id:53ac07777cbb8c2d53000002 path:/v1/quotes/88213 raw_path:/v1/quotes/88213 raw_request: raw_response:
--   request_time_ms:%!s(int64=48) response_code:%!s(int=200) timestamp:2026-06-09 12:00:00.25 +0000 UTC user_agent:harbor-go/3.1]
with parted as (
    select
        line_no,
        line,
        case when contains(line, 'map[alias:') then tyk_map_parts(line) end as m,
        case when contains(line, 'analytics-record') and not contains(line, 'map[alias:') then tyk_structure_parts(line) end as s
    from record
),

call as (
    select
        line_no,
        line,
        coalesce(m.stamp, s.stamp, '') as stamp,
        nullif(coalesce(m.method, s.method), '') as method,
        path_of(nullif(coalesce(m.raw_path, s.raw_path), '')) as path,
        case when s.tracked = 'true' then s.path end as route,
        coalesce(nullif(coalesce(m.api_name, s.api_name), ''), nullif(coalesce(m.api_id, s.api_id), '')) as service,
        try_cast(go_number(coalesce(m.status, s.status)) as integer) as status,
        try_cast(go_number(coalesce(m.total, s.total)) as double) as total_ms,
        try_cast(s.upstream as double) as upstream_ms,
        try_cast(go_number(coalesce(m.request_bytes, s.request_bytes)) as bigint) as request_bytes,
        coalesce(m.api_key, s.api_key) as api_key,
        nullif(coalesce(m.oauth_id, s.oauth_id), '') as oauth_id,
        nullif(coalesce(m.alias, s.alias), '') as alias,
        coalesce(m.address, s.address) as address,
        nullif(coalesce(m.agent, s.agent), '') as user_agent
    from parted
),

placed as (
    select
        *,
        case when stamp <> '' and not starts_with(stamp, '0001-') then iso_time(regexp_replace(stamp, ' ([+-])', '\1')) end
            as occurred_at,
        -- the gateway times no call that it turns away
        status >= 400 and total_ms = 0 and coalesce(upstream_ms, 0) = 0 as is_untimed
    from call
)

select
    occurred_at,
    'api' as surface,
    cast(null as varchar) as request_id,
    method,
    path,
    path_template(path) as path_template,
    route,
    service,
    status,
    case when total_ms >= 0 and not coalesce(is_untimed, false) then total_ms end as latency_ms,
    case when upstream_ms >= 0 and not coalesce(is_untimed, false) then upstream_ms end as upstream_latency_ms,
    case when request_bytes >= 0 then request_bytes end as request_bytes,
    cast(null as bigint) as response_bytes,
    tyk_key(api_key) as credential_ref,
    coalesce(alias, oauth_id) as consumer_ref,
    oauth_id as application_ref,
    cast(null as varchar) as developer_ref,
    cast(null as varchar) as plan_ref,
    cast(null as varchar) as end_user_ref,
    forwarded_address(address) as client_ip,
    user_agent,
    refusal_of(status, true, is_untimed, false) as refusal,
    cast(null as varchar) as limit_window,
    cast(null as bigint) as limit_calls,
    cast(null as bigint) as limit_left,
    line_no,
    cast(null as varchar) as referrer_host,
    case
        when stamp = '' and (contains(line, 'map[alias:') or contains(line, 'analytics-record'))
            then 'an analytics record that is cut short, or not as Tyk Pump prints it'
        when stamp = '' then 'plain text, as the pump itself writes, not an analytics record'
        when occurred_at is null and starts_with(stamp, '0001-') then 'an analytics record without a timestamp'
        when occurred_at is null then 'timestamp is no time that is known: ' || left(stamp, 40)
    end as problem,
    line
from placed
