-- format: aws_api_gateway_xml
-- label: AWS API Gateway access log (XML)
-- sign: <request id="
-- record: text
-- call: aws_text
-- definition: The console's XML template of REST, HTTP and WebSocket APIs, one element a line. The route is a template and no
--   path. There is no latency, user agent or key in it, so these are null.
-- example: <request id="0f6f2c1e-7a31-4d0e-9c1e-2b7a4a1f9d10"> <ip>203.0.113.9</ip> <caller>-</caller> <user>-</user>
--   <requestTime>09/Jun/2026:14:00:00 +0200</requestTime> <httpMethod>GET</httpMethod>
--   <resourcePath>/parcels/{id}</resourcePath> <status>200</status> <protocol>HTTP/1.1</protocol>
--   <responseLength>518</responseLength> </request>
with divided as (
    select
        line_no,
        line,
        parts_of(line, '<') as piece
    from record
),

-- Each element is two pieces: `name>value` and `/name> `. Newer templates begin with the extended id; HTTP APIs have no caller.
placed as (
    select
        line_no,
        line,
        piece,
        case when starts_with(part(piece, 3), 'ext') then 5 else 3 end as ip_at,
        case when starts_with(part(piece, case when starts_with(part(piece, 3), 'ext') then 7 else 5 end), 'caller>') then 4 else 0 end
            as more
    from divided
),

judged as (
    select
        *,
        ip_at + more + 2 as time_at,
        starts_with(part(piece, 2), 'request id="') and starts_with(part(piece, ip_at), 'ip>')
        and starts_with(part(piece, ip_at + more + 2), 'requestTime>')
        and starts_with(part(piece, ip_at + more + 8), 'status>')
        and starts_with(part(piece, -1), '/request>') as is_whole
    from placed
),

told as (
    select
        line_no,
        line,
        case when is_whole then split_part(part(piece, 2), '"', 2) else '' end as request_id,
        substr(part(piece, ip_at), 4) as ip,
        case when more = 4 then substr(part(piece, ip_at + 2), 8) end as caller,
        case when more = 4 then substr(part(piece, ip_at + 4), 6) end as "user",
        substr(part(piece, time_at), 13) as stamp,
        case when starts_with(part(piece, time_at + 10), 'responseLength>') then substr(part(piece, time_at + 10), 16) end
            as response_length,
        split_part(said(split_part(part(piece, time_at + 4), '>', 2)), '?', 1) as route,
        case when starts_with(part(piece, time_at + 2), 'httpMethod>') then said(substr(part(piece, time_at + 2), 12)) end as method,
        try_cast(substr(part(piece, time_at + 6), 8) as integer) as status
    from judged
),

call as (
    select
        *,
        clf_time(stamp) as occurred_at,
        case
            when request_id = '' then
                case when regexp_matches(line, '^\s*<request id="') then 'cut short or changed: not the elements of an XML template of API Gateway'
                    else 'not an XML element of API Gateway' end
            when clf_time(stamp) is null then 'no time that can be read: ' || stamp
        end as problem
    from told
)
