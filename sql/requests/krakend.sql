-- format: krakend
-- label: KrakenD or Gin access log
-- sign: \[GIN\] [0-9]
-- record: text
-- definition: The lines that KrakenD's router (Gin) writes, in colours too. The log has no time zone: UTC is taken, as containers
--   have it. The stamp is the end of a request, in whole seconds; the duration is taken off. A duration has its unit with it
--   (4.529µs, 12ms, 1.5s, 2m3s). The log names no caller but an api_key in a query string, of which a hash is kept; bytes,
--   user agent, request id and upstream time are null.
-- example: [GIN] 2026/06/09 - 12:00:01 | 200 |     12.53ms |    203.0.113.8 | GET      "/v1/rates?zone=4"
with opened as (
    select
        line_no,
        line,
        contains(line, '[GIN] ') as has_mark,
        case when contains(line, chr(27)) then without_colours(line) else line end as bare
    from record
),

split as (
    select
        line_no,
        line,
        has_mark,
        parts_of(case when starts_with(bare, '[GIN] ') then bare else substr(bare, strpos(bare, '[GIN] ')) end, '|') as piece
    from opened
),

named as (
    select
        line_no,
        line,
        has_mark and count_of(piece) >= 5 as is_whole,
        substr(part(piece, 1), 7, 21) as stamp,
        part(piece, 2) as status,
        trim(part(piece, 3)) as duration,
        nullif(trim(part(piece, 4)), '') as client_ip,
        ltrim(case when count_of(piece) = 5 then part(piece, 5) else parts_from(piece, 5, '|') end) as request
    from split
),

call as (
    select
        *,
        gin_time(stamp) as stamped_at,
        go_duration_ms(duration) as latency_ms,
        nullif(split_part(request, ' ', 1), '') as method,
        case
            when not contains(request, '"') then nullif(trim(after_space(request), ' ' || chr(13) || chr(10)), '')
            when contains(request, '\') then without_escapes(regexp_extract(request, '"((?:[^"\\]|\\.)*)"', 1))
            else split_part(request, '"', 2)
        end as target
    from named
),

told as (
    select *, path_of(target) as path, contains(target, '?') as has_query, try_cast(status as integer) as code
    from call
)

select
    started_at(stamped_at, latency_ms) as occurred_at,
    'api' as surface,
    method,
    path,
    path_template(path) as path_template,
    code as status,
    latency_ms,
    case when has_query then key_in_query(target) end as credential_ref,
    client_ip,
    refusal_of(code, false, false, false) as refusal,
    line_no,
    case
        when is_whole and stamped_at is not null and code is not null
            and (method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE') or regexp_full_match(method, '[A-Z]+')) and target is not null then null
        when contains(line, '[GIN-debug]') or regexp_matches(line, '\[?KRAKEND\]? |"module": ?"KRAKEND"|(DEBUG|INFO|WARNING|ERROR|CRITICAL): ')
            then 'a line of KrakenD''s own log, not a request'
        when regexp_matches(line, '^Error #[0-9]+: ') then 'the error of the call before it, not a request'
        when is_whole and stamped_at is null then 'no time that can be read: ' || stamp
        when contains(line, '[GIN] ') then 'cut short, or laid out in a way of its own'
        else 'not a line of KrakenD''s access log'
    end as problem,
    line
from told
