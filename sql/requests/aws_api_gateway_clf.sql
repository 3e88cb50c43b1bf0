-- format: aws_api_gateway_clf
-- label: AWS API Gateway access log (CLF)
-- sign: \] ?"[^"]*" ([0-9]+|-) (([0-9]+|-) )?([0-9a-fA-F]{8}-|[A-Za-z0-9_-]{10,}=)
-- record: text
-- call: aws_text
-- definition: The console's CLF template of REST, HTTP and WebSocket APIs, old and new: like a common log line, but the
--   request names a route template and no path, and the request id follows the bytes, then the extended one. There is no
--   latency, user agent or key in it, so these are null. The consumer is the IAM user or caller, where there is one.
-- example: 203.0.113.9 - - [09/Jun/2026:14:00:00 +0200]"GET /parcels/{id} HTTP/1.1" 200 518
--   0f6f2c1e-7a31-4d0e-9c1e-2b7a4a1f9d10
-- Its two quotes part a line into three: what stands before, the request, and what follows.
with divided as (
    select
        line_no,
        line,
        parts_of(line, '"') as piece
    from record
),

parsed as (
    select
        line_no,
        line,
        count_of(piece) as pieces,
        parts_of(part(piece, 1), ' ') as before,
        part(piece, 2) as request,
        parts_of(rtrim(part(piece, 3), chr(13) || chr(10)), ' ') as answer
    from divided
),

-- " 200 518 ID", " 101 ID", each perhaps with the extended id last; `id_at` is where the id stands.
placed as (
    select
        line_no,
        line,
        before,
        request,
        answer,
        pieces = 3 and starts_with(part(before, 4), '[') and count_of(before) in (5, 6)
            and ends_with(part(before, 5), ']') and part(answer, 1) = '' and count_of(answer) between 3 and 5 as is_divided,
        case when length(part(answer, 3)) > 10 and (contains(part(answer, 3), '-') or ends_with(part(answer, 3), '=')) then 3 else 4 end
            as id_at
    from parsed
),

judged as (
    select
        *,
        case
            when is_divided and try_cast(part(answer, 2) as integer) is not null or (is_divided and part(answer, 2) = '-') then
                case
                    when ends_with(part(answer, id_at), '=') and length(part(answer, id_at)) > 10 then part(answer, id_at)
                    when length(part(answer, id_at)) >= 36 and substr(part(answer, id_at), 9, 1) = '-'
                        and substr(part(answer, id_at), 24, 1) = '-' then part(answer, id_at)
                    else ''
                end
            else ''
        end as request_id
    from placed
),

told as (
    select
        line_no,
        line,
        request_id,
        part(before, 1) as ip,
        part(before, 2) as caller,
        part(before, 3) as "user",
        rtrim(substr(part(before, 4), 2) || ' ' || part(before, 5), ']') as stamp,
        case when id_at = 4 then part(answer, 3) end as response_length,
        -- The method is what stands before the first space, the protocol what stands after the last one.
        split_part(said(
            substr(request, strpos(request, ' ') + 1, length(request) - strpos(request, ' ') - strpos(reverse(request), ' '))
        ), '?', 1) as route,
        case when starts_with(part(parts_of(request, ' '), -1), 'HTTP/') then said(split_part(request, ' ', 1)) end as method,
        try_cast(part(answer, 2) as integer) as status
    from judged
),

call as (
    select
        *,
        clf_time(stamp) as occurred_at,
        case
            when request_id = '' then
                case
                    when regexp_matches(line, '^[^ ]+ [^ ]+ [^ ]+ \[[0-9]{2}/[A-Z][a-z]{2}/') then
                        'cut short or another common log: no request id of API Gateway follows the status and the bytes'
                    else 'not a CLF line of API Gateway'
                end
            when clf_time(stamp) is null then 'no time that can be read: [' || stamp || ']'
        end as problem
    from told
)
