-- format: combined
-- label: nginx or Apache combined or common log
-- sign: \[[^\]]+\] "
-- record: text
-- definition: Also with a virtual host before, and with more after the user agent: an X-Forwarded-For column (its leftmost
--   address is the client's), the request time (a decimal number: nginx, in seconds; a whole number alone: Apache %D, in
--   microseconds; rt=, urt= and their long names). nginx stamps the end of a request, so its time is taken off where it is
--   known. Apache stamps the start. "-" bytes are 0. Lines of Traefik and of the nginx ingress controller, which have their
--   own formats, are not read as combined ones.
-- example: 198.51.100.7 - ann [09/Jun/2026:12:00:01 +0000] "GET /docs/rates HTTP/1.1" 200 5120 "https://acme.example/"
--   "Mozilla/5.0 (X11; Linux x86_64)" 0.250
with opened as (
    select
        line_no,
        line,
        -- Nearly all lines hold no escape: then the quotes alone part them, far sooner than a regular expression.
        case when not contains(line, '\') then parts_of(line, '"') end as piece
    from record
),

judged as (
    select
        line_no,
        line,
        piece,
        strpos(part(piece, 1), '[') as stamp_at,
        answer_parts(part(piece, 3)) as answer
    from opened
),

matched as (
    select
        *,
        coalesce(
            stamp_at > 2
            and substr(part(piece, 1), stamp_at - 1, 1) = ' '
            and ends_with(part(piece, 1), '] ')
            and strpos(part(piece, 1), ']') = length(part(piece, 1)) - 1
            and answer.status <> ''
            and case when count_of(piece) = 3 then answer.space = ''
                else count_of(piece) >= 7 and answer.space = ' ' and part(piece, 5) = ' ' end,
            false
        ) as is_plain
    from judged
),

parsed as (
    select
        line_no,
        line,
        piece,
        is_plain,
        case when is_plain then plain_parts(piece, stamp_at, answer) else combined_parts(line) end as p
    from matched
),

split as (
    select
        *,
        parts_of(p.caller, ' ') as who,
        parts_of(p.request, ' ') as word,
        -- What follows the bytes: the lengths of the parts and of what stands between them say where.
        case when not is_plain and p.stamp <> '' then rtrim(substr(
            line, 9 + length(p.caller) + length(p.stamp) + length(p.request) + length(p.status) + length(p.bytes)
        ), chr(13) || chr(10)) else '' end as rest
    from parsed
),

quoted as (
    select
        line_no,
        line,
        is_plain,
        p,
        rest,
        who,
        word,
        p.stamp <> '' and not (part(who, -2) in ('stdout', 'stderr') and part(who, -1) in ('F', 'P')) as is_parsed,
        -- A request id right after the bytes: its request names a route template, which is no path.
        case when starts_with(rest, ' ') and not starts_with(rest, ' "') then regexp_full_match(
            rest, ' ([0-9a-fA-F]{8}-[0-9a-fA-F-]{27}[A-Z_]*|[A-Za-z0-9_-]{10,}=)( [A-Za-z0-9_=-]+)?\s*') else false end as is_aws,
        case when is_plain then count_of(piece) > 3 else starts_with(rest, ' "') end as has_quoted,
        case when is_plain then plain_quoted(piece) else quoted_parts(rest) end as q,
        count_of(who) > 3 and regexp_matches(
            p.caller, '^[A-Za-z0-9_.-]+(:[0-9]+)? [0-9A-Fa-f]*[.:][0-9A-Fa-f.:]* [^ ]+ .') as has_host,
        count_of(word) = 3 and regexp_full_match(part(word, 3), 'HTTP/[0-9.]+')
            and regexp_full_match(part(word, 1), '[A-Za-z][A-Za-z_-]+') as has_three_words,
        regexp_matches(part(word, -1), '^HTTP/[0-9.]+$') and count_of(word) > 1 as has_version
    from split
),

tailed as (
    select
        *,
        case when has_quoted then q.tail else rest end as tail,
        case when has_host then substr(p.caller, strpos(p.caller, ' ') + 1) else p.caller end as caller,
        case
            when has_three_words then part(word, 1)
            when regexp_matches(p.request, '^[A-Za-z][A-Za-z_-]+ ') and (has_version or contains(p.request, ' /'))
                then part(word, 1)
        end as method,
        case
            when has_three_words then part(word, 2)
            when has_version then after_space(regexp_replace(p.request, ' HTTP/[0-9.]+$', ''))
            else after_space(p.request)
        end as target
    from quoted
),

timed as (
    select
        *,
        case
            when tail = '' then null
            when ends_with(tail, 'ms') and regexp_matches(tail, ' ([0-9]+|-) ("[^"]*"|-) ("[^"]*"|-) [0-9]+ms$')
                then 'a line of Traefik''s common log (format traefik_clf): more than a combined one'
            when contains(tail, ' [') and regexp_matches(tail, '^ [0-9]+ [0-9]+[.][0-9]+ \[[^\]]*\] ')
                then 'a line of the nginx ingress controller (format nginx_ingress): more than a combined one'
        end as of_another,
        case when tail <> '' then nullif(regexp_extract(
            tail, '^ "([0-9A-Fa-f:]*[0-9A-Fa-f]+[.:][0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*)[^"]*"', 1), '') end as forwarded_for,
        case when tail <> '' then coalesce(
            nullif(regexp_extract(tail, '(?:^|[ "])(?:rt|request_time|req_time|reqtime)[=:]"?([0-9]+[.][0-9]+)', 1), ''),
            nullif(regexp_extract(tail, '^(?: "[^"]*")*? "?([0-9]+[.][0-9]{3})(?:["\s]|$)', 1), '')
        ) end as seconds,
        case when tail <> '' then nullif(regexp_extract(tail, '^(?: "[^"]*")*? ([0-9]+)\s*$', 1), '') end as microseconds,
        case when tail <> '' then coalesce(
            nullif(regexp_extract(tail, '(?:^|[ "])(?:urt|upstream_response_time|upstream_time)[=:]"?([0-9][0-9., :-]*)', 1), ''),
            nullif(regexp_extract(tail, '^(?: "[^"]*")*? "?[0-9]+[.][0-9]{3}"? "?([0-9]+[.][0-9]{3}[0-9., :-]*)', 1), '')
        ) end as upstream_seconds
    from tailed
),

call as (
    select
        *,
        coalesce(clf_time(p.stamp), iso_time(p.stamp)) as stamped_at,
        case when method is not null then path_of(target) end as path,
        try_cast(p.status as integer) as status
    from timed
)

select
    case when seconds is null then stamped_at
        else started_at(stamped_at, 1000 * cast(seconds as double)) end as occurred_at,
    method,
    path,
    path_template(path) as path_template,
    case when has_host then split_part(part(who, 1), ':', 1) end as service,
    status,
    coalesce(seconds_as_ms(seconds), try_cast(microseconds as double) / 1000) as latency_ms,
    seconds_as_ms(upstream_seconds) as upstream_latency_ms,
    case when p.bytes = '-' then 0 else try_cast(p.bytes as bigint) end as response_bytes,
    said(case when count_of(who) = 3 then part(who, 3) else rtrim(after_space(after_space(caller))) end) as consumer_ref,
    coalesce(forwarded_for, said(case when has_host then part(who, 2) else part(who, 1) end)) as client_ip,
    said(without_escapes(case when has_quoted then q.agent end)) as user_agent,
    refusal_of(status, false, false, false) as refusal,
    line_no,
    case when has_quoted then host_of(q.referer) end as referrer_host,
    case
        when is_aws then 'a line of AWS API Gateway in its CLF template, not a combined log'
        when not is_parsed then
            case
                when regexp_matches(line, '^[^ ]+ [^ ]+ .*\[[0-9]{2}/[A-Z][a-z]{2}/') then 'cut short or not combined: '
                    || case when contains(line, '"') then 'the request, status or bytes are missing' else 'no request' end
                else coalesce(other_line(line), 'not a combined or common log line')
            end
        when of_another is not null then of_another
        when not is_plain and has_quoted and q.agent = '' and not regexp_matches(rest, '^ "([^"\\]|\\.)*" "([^"\\]|\\.)*"')
            then 'cut short: it ends inside the referer or the user agent'
        when stamped_at is null then 'no time that can be read: [' || p.stamp || ']'
    end as problem,
    line
from call
