-- format: traefik_clf
-- label: Traefik common log
-- sign: ["-] [0-9]+ms
-- record: text
-- definition: Traefik's default text access log, versions 1 to 3: common log fields, then the number of the request, the
--   router (version 1: frontend; a chain as "parent -> child"), the server's URL and the time taken. The route is the
--   router as it is written, the service the URL of the server. The time is in whole milliseconds, rounded down. Traefik
--   stamps the start. "-" bytes are null. Its `genericCLF` format is the combined log.
-- example: 198.51.100.7 - ann [09/Jun/2026:12:00:01 +0000] "GET /v1/rates HTTP/1.1" 200 512 "-" "harbor-go/3.1" 240
--   "rates@docker" "http://10.0.3.2:8080" 41ms
with opened as (
    select line_no, line, parts_of(line, '"') as piece
    from record
),

worded as (
    select
        line_no,
        line,
        piece,
        strpos(part(piece, 1), ' [') as space_at,
        parts_of(part(piece, 3), ' ') as answer,
        parts_of(part(piece, 1), ' ') as who,
        rtrim(part(piece, 11), chr(13) || chr(10)) as took
    from opened
),

judged as (
    select
        *,
        coalesce(
            count_of(piece) = 11
            and count_of(who) = 6
            and part(who, 2) = '-'
            and starts_with(part(who, 4), '[')
            and ends_with(part(piece, 1), '] ')
            and count_of(answer) = 4
            and (try_cast(part(answer, 2) as integer) is not null or part(answer, 2) = '-')
            and (try_cast(part(answer, 3) as bigint) is not null or part(answer, 3) = '-')
            and part(piece, 5) = ' '
            and part(piece, 9) = ' '
            and (try_cast(trim(part(piece, 7)) as bigint) is not null or part(piece, 7) = ' - ')
            and ends_with(took, 'ms')
            and try_cast(left(took, length(took) - 2) as bigint) is not null
            and not contains(line, '\'),
            false
        ) as is_plain
    from worded
),

matched as (
    select *, case when not is_plain then traefik_parts(line) end as m
    from judged
),

fielded as (
    select
        line_no,
        line,
        is_plain or m.took <> '' as is_parsed,
        case when is_plain then part(who, 1) else m.client end as client,
        case when is_plain then part(who, 3) else m.username end as username,
        case when is_plain then substr(part(piece, 1), space_at + 2, length(part(piece, 1)) - space_at - 3) else m.stamp end as stamp,
        case when is_plain then part(piece, 2) else m.request end as request,
        case when is_plain then part(answer, 2) else m.status end as status,
        case when is_plain then part(answer, 3) else m.bytes end as bytes,
        case when is_plain then part(piece, 4) else m.referer end as referer,
        case when is_plain then part(piece, 6) else m.agent end as agent,
        case when is_plain then part(piece, 8) else trim(m.router, '"') end as router,
        case when is_plain then part(piece, 10) else trim(m.server, '"') end as server,
        case when is_plain then left(took, length(took) - 2) else m.took end as took
    from matched
),

call as (
    select
        *,
        clf_time(stamp) as occurred_at,
        parts_of(request, ' ') as word,
        -- 0 where the server said nothing, which is not what the client got
        nullif(try_cast(status as integer), 0) as answered
    from fielded
),

targeted as (
    select
        *,
        case when count_of(word) > 1 then said(part(word, 1)) end as method,
        path_of(case
            when count_of(word) = 3 then said(part(word, 2))
            when count_of(word) > 3 then rtrim(left(after_space(request), length(after_space(request)) - length(part(word, -1))))
        end) as path
    from call
)

select
    occurred_at,
    'api' as surface,
    method,
    path,
    path_template(path) as path_template,
    said(router) as route,
    case when not contains(server, '@') and not contains(server, '?') then said(server) else shown_link(server) end as service,
    answered as status,
    try_cast(took as double) as latency_ms,
    try_cast(bytes as bigint) as response_bytes,
    said(username) as consumer_ref,
    said(client) as client_ip,
    said(without_escapes(agent)) as user_agent,
    refusal_of(answered, said(router) is not null, said(server) is null, false) as refusal,
    line_no,
    host_of(referer) as referrer_host,
    case
        when not is_parsed then case
            when regexp_matches(line, '^[^ ]+ - [^ ]+ \[[0-9]{2}/[A-Z][a-z]{2}/[^\]]*\] "') then case
                when regexp_matches(line, '" ([0-9]+|-) ([0-9]+|-) "[^"]*" "[^"]*"\s*$')
                    then 'a combined log line without Traefik''s router, server and time'
                else 'cut short: the router, the server or the time taken is missing' end
            else coalesce(other_line(line), 'not an access line of Traefik''s common log')
        end
        when occurred_at is null then 'no time that can be read: [' || stamp || ']'
    end as problem,
    line
from targeted
