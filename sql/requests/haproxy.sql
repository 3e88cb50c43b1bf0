-- format: haproxy
-- label: HAProxy HTTP log
-- sign: \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8}\.[0-9]{3}\] 
-- record: text
-- definition: `option httplog` and `httpslog`, with or without what syslog puts before. Its times have no zone: they are read
--   as UTC, so the machine should log in UTC. The route is the frontend, the service the backend. Timers of -1 and what
--   `logasap` cut off ("+") are null. Captured headers and cookies stay out, but for a user agent and, where the peer is a
--   private address, a captured client address. A request cut before its query began has no path.
-- example: Jun  9 12:00:00 lb haproxy[2801]: 198.51.100.7:33317 [09/Jun/2026:12:00:00.655] web~ quotes/srv1 10/0/30/69/109 200 2750
--   - - ---- 1/1/1/1/0 0/0 "GET /v1/quotes HTTP/1.1"
with opened as (
    select line_no, line, parts_of(line, '"') as piece
    from record
),

headed as (
    select line_no, line, piece, part(piece, 1) as head, strpos(part(piece, 1), ' [') as space_at
    from opened
),

-- Where nothing stands before the address but what holds no " [", single spaces part all fields.
worded as (
    select
        *,
        case when starts_with(head, '[') or space_at = 0 then null else left(head, space_at - 1) end as before,
        parts_of(substr(head, space_at + 2), ' ') as word
    from headed
),

timed as (
    select *, parts_of(part(word, 4), '/') as timer
    from worded
),

judged as (
    select
        *,
        coalesce(
            before is not null
            and count_of(piece) > 1
            and length(part(word, 1)) = 25
            and count_of(timer) = 5
            and length(part(word, 9)) = 4
            and try_cast(part(word, 5) as integer) is not null
            and try_cast(part(word, 6) as bigint) is not null
            and contains(part(word, 3), '/')
            and contains(part(word, 11), '/'),
            false
        ) as is_plain
    from timed
),

matched as (
    select *, case when not is_plain then haproxy_parts(line) end as m
    from judged
),

fielded as (
    select
        line_no,
        line,
        head,
        count_of(piece) = 2 as has_no_end,
        is_plain or m.stamp <> '' as is_parsed,
        haproxy_time(case when is_plain then left(part(word, 1), 24) else m.stamp end) as occurred_at,
        case when is_plain then part(parts_of(before, ' '), -1) else m.peer end as peer,
        case when is_plain then part(word, 2) else m.frontend end as frontend,
        parts_of(case when is_plain then part(word, 3) else m.server end, '/') as server,
        case when is_plain then part(timer, 4) else m.response_time end as response_time,
        case when is_plain then part(timer, 5) else m.total_time end as total_time,
        try_cast(case when is_plain then part(word, 5) else m.status end as integer) as status,
        case when is_plain then part(word, 6) else m.bytes end as bytes,
        case when is_plain then part(word, 9) else m.state end as state,
        case when contains(head, ' {') then substr(head, strpos(head, ' {') + 1) end as captured,
        part(piece, 2) as request
    from matched
),

worded_request as (
    select
        *,
        parts_of(rtrim(request, chr(13) || chr(10)), ' ') as asked,
        case when count_of(parts_of(peer, ':')) = 2 then part(parts_of(peer, ':'), 1)
            else left(peer, length(peer) - strpos(reverse(peer), ':')) end as address,
        part(server, 1) as backend,
        part(server, 2) = '<NOSRV>' as never_proxied
    from fielded
),

targeted as (
    select
        *,
        case
            when part(asked, 1) in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS') then part(asked, 1)
            when count_of(asked) > 1 and regexp_full_match(part(asked, 1), '[A-Za-z][A-Za-z_-]+') then part(asked, 1)
        end as method,
        case
            when count_of(asked) = 3 and starts_with(part(asked, 3), 'HTTP/') then part(asked, 2)
            when contains(request, '?') or not (has_no_end or length(request) >= 1000)
                then regexp_replace(after_space(request), ' HTTP/[0-9.]+$', '')
        end as target
    from worded_request
),

call as (
    select
        *,
        case when method is not null then path_of(target) end as path,
        case when captured is not null and regexp_matches(
            peer, '^(::ffff:)?(10|127|192[.]168|172[.](1[6-9]|2[0-9]|3[01]))[.]|^f[cd][0-9a-f]{2}:|^::1:|^-|^unix:') then
            captured_address(captured) end as forwarded_for
    from targeted
)

select
    occurred_at,
    'api' as surface,
    method,
    path,
    path_template(path) as path_template,
    said(rtrim(frontend, '~')) as route,
    case when backend <> '<NOSRV>' and not (never_proxied and backend = rtrim(frontend, '~')) then said(backend) end as service,
    case when status >= 0 then status end as status,
    case when not starts_with(total_time, '+') and total_time <> '-1' then try_cast(total_time as double) end as latency_ms,
    case when response_time <> '-1' then try_cast(response_time as double) end as upstream_latency_ms,
    case when not starts_with(bytes, '+') then try_cast(bytes as bigint) end as response_bytes,
    coalesce(forwarded_for, case
        when starts_with(address, '::ffff:') then substr(address, 8)
        when address not in ('', '-', 'unix') then address end) as client_ip,
    case when captured is not null then captured_agent(captured) end as user_agent,
    case when left(state, 1) in ('C', 'c') then 'client_gone' else refusal_of(status, not never_proxied, never_proxied, false) end as refusal,
    line_no,
    case
        when not is_parsed then coalesce(
            haproxy_other(line), other_line(line), 'not an access line of HAProxy''s HTTP log')
        when occurred_at is null then 'no time that can be read in its brackets'
    end as problem,
    line
from call
