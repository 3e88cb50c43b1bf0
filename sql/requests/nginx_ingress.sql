-- format: nginx_ingress
-- label: Kubernetes nginx ingress controller
-- sign: " [0-9]+ [0-9]+\.[0-9]+ \[
-- record: text
-- definition: The controller's default format: the combined log, then request length, request time, upstream names and, for
--   each try (", ") and internal redirect (" : "), upstream address, bytes, seconds and status; last the request id. A call
--   is one line however many tries it took: the status is what the client got, the upstream time the sum of its tries, which
--   can exceed the request time. The route is the upstream (namespace-service-port); the service is the alternative one
--   where a canary took the call. The stamp is the end of a request; its time is taken off.
-- example: 198.51.100.7 - - [09/Jun/2026:12:00:01 +0000] "GET /v1/rates HTTP/2.0" 200 512 "-" "harbor-go/3.1" 310 0.041
--   [shop-quotes-80] [] 10.8.0.4:8080 512 0.040 200 4f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e
with opened as (
    select
        line_no,
        line,
        case when not contains(line, '\') then parts_of(line, '"') end as piece
    from record
),

matched as (
    select
        *,
        coalesce(count_of(piece) = 7, false) as is_plain,
        case when coalesce(count_of(piece), 0) <> 7 then combined_parts(line) end as c
    from opened
),

split as (
    select
        line_no,
        line,
        is_plain,
        case when is_plain then rtrim(part(piece, 1)) else c.caller || ' [' || c.stamp || ']' end as head,
        case when is_plain then part(piece, 2) else c.request end as request,
        case when is_plain then part(piece, 3) else ' ' || c.status || ' ' || c.bytes || ' ' end as answered,
        case when not is_plain and c.stamp <> '' then quoted_parts(rtrim(substr(
            line, 9 + length(c.caller) + length(c.stamp) + length(c.request) + length(c.status) + length(c.bytes)
        ), chr(13) || chr(10))) end as q,
        case when is_plain then part(piece, 4) end as plain_referer,
        case when is_plain then part(piece, 6) end as plain_agent,
        case when is_plain then rtrim(part(piece, 7), chr(13) || chr(10)) end as plain_tail
    from matched
),

worded as (
    select
        line_no,
        line,
        parts_of(head, ' ') as who,
        head,
        parts_of(request, ' ') as asked,
        request,
        parts_of(answered, ' ') as answer,
        case when is_plain then plain_referer else q.referer end as referer,
        case when is_plain then plain_agent else q.agent end as agent,
        case when is_plain then plain_tail else q.tail end as tail,
        parts_of(case when is_plain then plain_tail else q.tail end, ' ') as word
    from split
),

judged as (
    select
        *,
        -- One try, as nearly every call has: then spaces part the columns.
        coalesce(
            count_of(word) = 10
            and starts_with(part(word, 4), '[')
            and starts_with(part(word, 5), '[')
            and ends_with(part(word, 5), ']')
            and try_cast(part(word, 2) as bigint) is not null
            and try_cast(part(word, 3) as double) is not null
            and (try_cast(part(word, 8) as double) is not null or part(word, 8) = '-')
            and not contains(tail, ','),
            false
        ) as has_one_try
    from worded
),

listed as (
    select *, case when not has_one_try and tail <> '' then ingress_parts(tail) end as m
    from judged
),

fielded as (
    select
        *,
        has_one_try or m.seconds <> '' as is_ingress,
        ends_with(head, ']') and starts_with(part(who, -2), '[') and count_of(who) > 3 and count_of(answer) = 4
            and (try_cast(part(answer, 2) as integer) is not null or part(answer, 2) = '-') as is_combined,
        substr(part(who, -2), 2) || ' ' || rtrim(part(who, -1), ']') as stamp,
        case when has_one_try then part(word, 2) else m.request_bytes end as request_length,
        try_cast(case when has_one_try then part(word, 3) else m.seconds end as double) as seconds,
        said(trim(case when has_one_try then part(word, 4) else m.upstream end, '[]')) as upstream,
        said(trim(case when has_one_try then part(word, 5) else m.alternative end, '[]')) as alternative,
        case when has_one_try then 1000 * try_cast(part(word, 8) as double) else seconds_as_ms(m.upstream_seconds) end as upstream_ms,
        said(case when has_one_try then part(word, 10) else m.request_id end) as request_id
    from listed
),

call as (
    select
        *,
        clf_time(stamp) as stamped_at,
        try_cast(part(answer, 2) as integer) as status,
        case when upstream <> 'upstream-default-backend' then upstream end as route,
        case
            when part(asked, 1) in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS') then part(asked, 1)
            when count_of(asked) > 1 and regexp_full_match(part(asked, 1), '[A-Za-z][A-Za-z_-]+') then part(asked, 1)
        end as method,
        case
            when count_of(asked) = 3 and starts_with(part(asked, 3), 'HTTP/') then part(asked, 2)
            else regexp_replace(after_space(request), ' HTTP/[0-9.]+$', '')
        end as target
    from fielded
),

targeted as (
    select *, case when method is not null then path_of(target) end as path
    from call
)

select
    started_at(stamped_at, 1000 * seconds) as occurred_at,
    'api' as surface,
    request_id,
    method,
    path,
    path_template(path) as path_template,
    route,
    coalesce(alternative, upstream) as service,
    status,
    round(1000 * seconds, 3) as latency_ms,
    round(upstream_ms, 3) as upstream_latency_ms,
    try_cast(request_length as bigint) as request_bytes,
    case when part(answer, 3) = '-' then 0 else try_cast(part(answer, 3) as bigint) end as response_bytes,
    said(case when count_of(who) = 5 then part(who, 3)
        else rtrim(regexp_extract(head, '^[^ ]+ - (?:\[[^\]]*\] - )?(.*) \[', 1)) end) as consumer_ref,
    said(case when starts_with(part(who, 3), '[') then trim(part(who, 3), '[]') else part(who, 1) end) as client_ip,
    said(without_escapes(agent)) as user_agent,
    refusal_of(status, route is not null, upstream_ms is null, false) as refusal,
    line_no,
    host_of(referer) as referrer_host,
    case
        when is_combined and is_ingress then case
            when stamped_at is null then 'no time that can be read: [' || stamp || ']' end
        when is_combined and tail = '' then 'a combined log line without the controller''s columns'
        when is_combined and regexp_matches(tail, '^ [0-9]+ [0-9.]+ \[')
            then 'cut short: the upstream''s address, bytes, time or status is missing'
        when is_combined then 'a combined log line with columns that are not the controller''s default ones'
        when regexp_matches(line, '^[^ ]+ - .*\[[0-9]{2}/[A-Z][a-z]{2}/') then 'cut short: it ends before the controller''s columns'
        else coalesce(other_line(line), 'not an access line of the nginx ingress controller')
    end as problem,
    line
from targeted
