-- format: aws_api_gateway_csv
-- label: AWS API Gateway access log (CSV)
-- sign: ,[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4},
-- record: text
-- call: aws_text
-- definition: The console's CSV template, without a header: of REST APIs (caller and user before the time, and in newer ones
--   the extended request id last), of HTTP APIs (no caller), and of WebSocket APIs (event, route and connection, no bytes).
--   The route is a template and no path. There is no latency, user agent or key in it, so these are null.
-- example: 203.0.113.9,-,-,09/Jun/2026:14:00:00 +0200,GET,/parcels/{id},HTTP/1.1,200,518,
--   0f6f2c1e-7a31-4d0e-9c1e-2b7a4a1f9d10
with divided as (
    select
        line_no,
        line,
        parts_of(rtrim(line, chr(10) || chr(13)), ',') as piece
    from record
),

-- The time stands second (HTTP) or fourth (REST, WebSocket); a protocol three places on tells a call from a connection.
placed as (
    select
        line_no,
        line,
        piece,
        count_of(piece) as pieces,
        case when substr(part(piece, 4), 12, 1) = ':' then 4 when substr(part(piece, 2), 12, 1) = ':' then 2 else 0 end as time_at
    from divided
),

judged as (
    select
        line_no,
        line,
        piece,
        time_at,
        starts_with(part(piece, time_at + 3), 'HTTP/') as is_http,
        case
            when time_at = 0 then 'none'
            when starts_with(part(piece, time_at + 3), 'HTTP/') then case when pieces in (time_at + 6, time_at + 7) then '' else 'count' end
            when time_at = 4 and part(piece, 5) in ('CONNECT', 'MESSAGE', 'DISCONNECT') and pieces = 9 then ''
            else 'count'
        end as wrong
    from placed
),

told as (
    select
        line_no,
        line,
        wrong,
        part(piece, 1) as ip,
        case when time_at = 4 then part(piece, 2) end as caller,
        case when time_at = 4 then part(piece, 3) end as "user",
        part(piece, time_at) as stamp,
        case when is_http then part(piece, time_at + 5) end as response_length,
        part(piece, case when is_http then time_at + 6 else time_at + 5 end) as request_id,
        split_part(said(part(piece, time_at + 2)), '?', 1) as route,
        case when is_http then said(part(piece, time_at + 1)) end as method,
        try_cast(part(piece, time_at + 4) as integer) as status
    from judged
),

call as (
    select
        *,
        clf_time(stamp) as occurred_at,
        case
            when wrong = 'none' then 'not a CSV line of API Gateway: no request time in the second or fourth column'
            when wrong = 'count' or (length(request_id) < 36 and not ends_with(request_id, '=')) then 'cut short or changed: not the columns of a CSV template of API Gateway'
            when clf_time(stamp) is null then 'no time that can be read: ' || stamp
        end as problem
    from told
)
