-- format: tyk_pump
-- label: Tyk Pump analytics records (text of the syslog and stdout pumps)
-- sign: map\[alias:|analytics-record[^{]{0,16}[{]
-- record: text
-- definition: Tyk's analytics records as Go prints them: the syslog pump's map[…] and what the stdout pump writes unless its
--   format is json. The key, raw or hashed by Tyk, becomes a hash; a call without a key has none. The times of a map are
--   the total only. An error that the gateway answers itself has no times (Tyk writes 0); a length of -1 is null.
-- example: <6>2026-06-09T12:00:01Z pump-0 gateway[1]: map[alias:acme api_id:a1b2c3 api_key:6129dc1e8b64c6b4 api_name:quotes
--   api_version:Non Versioned content_length:%!s(int64=0) host:quotes.internal ip_address:198.51.100.24 method:GET oauth_id:
--   org_id:53ac07777cbb8c2d53000002 path:/v1/quotes/88213 raw_path:/v1/quotes/88213 raw_request: raw_response:
--   request_time_ms:%!s(int64=48) response_code:%!s(int=200) timestamp:2026-06-09 12:00:00.25 +0000 UTC user_agent:harbor-go/3.1]
with opened as (
    select
        line_no,
        line,
        -- of a map, what stands before the raw request and after the raw response, which may hold anything
        case when contains(line, ' raw_request:') then part(parts_of(part(parts_of(line, ' raw_request:'), 1), 'map[alias:'), 2) end as head,
        case when contains(line, 'map[alias:') and contains(line, ' request_time_ms:')
            then part(parts_of(line, ' request_time_ms:'), -1) end as tail,
        case when contains(line, 'analytics-record') and not contains(line, 'map[alias:') then tyk_structure_parts(line) end as s
    from record
),

parted as (
    select
        line_no,
        line,
        s,
        case when tail is not null then split_part(head, ' api_id:', 1) end as alias,
        split_part(split_part(head, ' api_id:', 2), ' api_key:', 1) as api_id,
        split_part(split_part(head, ' api_key:', 2), ' api_name:', 1) as api_key,
        split_part(split_part(head, ' api_name:', 2), ' api_version:', 1) as api_name,
        split_part(split_part(head, ' content_length:', 2), ' ', 1) as request_bytes,
        split_part(split_part(head, ' ip_address:', 2), ' method:', 1) as address,
        split_part(split_part(head, ' method:', 2), ' ', 1) as method,
        split_part(split_part(head, ' oauth_id:', 2), ' ', 1) as oauth_id,
        split_part(head, ' raw_path:', 2) as raw_path,
        split_part(tail, ' ', 1) as total,
        split_part(split_part(tail, ' response_code:', 2), ' ', 1) as status,
        split_part(split_part(tail, ' timestamp:', 2), ' user_agent:', 1) as stamp,
        rtrim(split_part(tail, ' user_agent:', 2), chr(13) || chr(10) || '"') as agent
    from opened
),

call as (
    select
        line_no,
        line,
        case when alias is not null then nullif(stamp, '') else s.stamp end as stamp,
        nullif(coalesce(method, s.method), '') as method,
        path_of(nullif(coalesce(raw_path, s.raw_path), '')) as path,
        case when s.tracked = 'true' then s.path end as route,
        coalesce(nullif(coalesce(api_name, s.api_name), ''), nullif(coalesce(api_id, s.api_id), '')) as service,
        try_cast(go_number(coalesce(status, s.status)) as integer) as status,
        try_cast(go_number(coalesce(total, s.total)) as double) as total_ms,
        try_cast(s.upstream as double) as upstream_ms,
        try_cast(go_number(coalesce(request_bytes, s.request_bytes)) as bigint) as request_bytes,
        coalesce(api_key, s.api_key) as api_key,
        nullif(coalesce(oauth_id, s.oauth_id), '') as oauth_id,
        nullif(coalesce(alias, s.alias), '') as alias,
        coalesce(address, s.address) as address,
        nullif(coalesce(case when ends_with(agent, ']') then left(agent, -1) end, s.agent), '') as user_agent,
        coalesce(ends_with(agent, ']'), s.stamp <> '', false) as is_whole
    from parted
),

placed as (
    select
        *,
        case
            when starts_with(stamp, '0001-') then null
            when contains(stamp, ' +0000') then iso_time(split_part(stamp, ' +0000', 1))
            else iso_time(split_part(stamp, ' ', 1) || ' ' || split_part(stamp, ' ', 2) || split_part(stamp, ' ', 3))
        end as occurred_at,
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
    route,
    service,
    status,
    case when total_ms >= 0 and not coalesce(is_untimed, false) then total_ms end as latency_ms,
    case when upstream_ms >= 0 and not coalesce(is_untimed, false) then upstream_ms end as upstream_latency_ms,
    case when request_bytes >= 0 then request_bytes end as request_bytes,
    tyk_key(api_key) as credential_ref,
    coalesce(alias, oauth_id) as consumer_ref,
    oauth_id as application_ref,
    forwarded_address(address) as client_ip,
    user_agent,
    refusal_of(status, true, is_untimed, false) as refusal,
    line_no,
    case
        when not is_whole and (contains(line, 'map[alias:') or contains(line, 'analytics-record'))
            then 'an analytics record that is cut short, or not as Tyk Pump prints it'
        when not is_whole then 'plain text, as the pump itself writes, not an analytics record'
        when stamp is null then 'an analytics record without a timestamp'
        when occurred_at is null and starts_with(stamp, '0001-') then 'an analytics record without a timestamp'
        when occurred_at is null then 'timestamp is no time that is known: ' || left(stamp, 40)
    end as problem,
    line
from placed
