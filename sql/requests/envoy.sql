-- format: envoy
-- label: Envoy or Istio access log (text)
-- sign: \[[0-9]{4}-[0-9]{2}-[0-9]{2}T[^\]]*\] "
-- record: text
-- definition: Envoy's default text and Istio's, old and new, with or without what went wrong (response code details,
--   connection termination, transport failure). The time is the start; bytes are those of the bodies. Status 0 is a client
--   that went away. The client is the leftmost X-Forwarded-For address, else the peer where it is logged. The service is the
--   upstream cluster, which says the side of an Istio sidecar (inbound| or outbound|), else the host that was asked for. The
--   log names no caller but an api_key in a query string, of which a hash is kept. A TCP connection is no request.
-- example: [2026-06-09T12:00:00.250Z] "GET /v1/rates?zone=4 HTTP/2" 200 - via_upstream - "-" 0 512 14 12 "203.0.113.8, 10.0.0.4"
--   "harbor-go/3.1" "7c9e6679-7425-40de-944b-e07fc1f90ae7" "api.harbor.example" "10.8.0.4:8080"
--   outbound|8080||rates.shop.svc.cluster.local 10.8.0.9:41022 10.8.0.9:8443 10.0.0.4:51022 api.harbor.example default
with opened as (
    select line_no, line, parts_of(line, '"') as piece
    from record
),

judged as (
    select
        line_no,
        line,
        piece,
        -- The last five quoted parts are always the same ones; before them come the request and up to two of what went wrong.
        coalesce(
            count_of(piece) in (13, 15, 17)
            and part(piece, -3) = ' ' and part(piece, -5) = ' ' and part(piece, -7) = ' ' and part(piece, -9) = ' '
            and regexp_full_match(part(piece, -11), '(?: .*)? (?:[0-9]+|-) (?:[0-9]+|-) (?:[0-9]+|-) (?:[0-9]+|-) ')
            and starts_with(part(piece, 1), '[') and ends_with(part(piece, 1), '] ')
            and strpos(part(piece, 1), ']') = length(part(piece, 1)) - 1,
            false
        ) as is_plain
    from opened
),

parsed as (
    select
        line_no,
        line,
        case when is_plain then envoy_plain_parts(piece) else envoy_parts(line) end as p
    from judged
),

split as (
    select
        line_no,
        line,
        p,
        parts_of(p.request, ' ') as word,
        parts_of(p.answer, ' ') as answer,
        parts_of(p.numbers, ' ') as number,
        parts_of(p.tail, ' ') as tail
    from parsed
),

named as (
    select
        line_no,
        line,
        p,
        iso_time(p.stamp) as occurred_at,
        said(part(word, 1)) as method,
        said(case when count_of(word) = 3 then part(word, 2) else regexp_extract(p.request, '^[^ ]* (.*) [^ ]*$', 1) end) as target,
        part(word, -1) as protocol,
        try_cast(part(answer, 2) as integer) as status,
        part(answer, 3) as flags,
        number,
        count_of(tail) >= 6 and contains(part(tail, 4), ':') and contains(part(tail, 5), ':') as has_cluster,
        tail,
        p.forwarded as forwarded,
        p.request_id as request_id,
        p.agent as agent,
        p.authority as authority,
        p.upstream as upstream
    from split
),

call as (
    select
        *,
        path_of(target) as path,
        contains(target, '?') as has_query,
        trim(split_part(forwarded, ',', 1)) as first_forwarded,
        case when has_cluster then part(tail, 2) end as cluster,
        case when has_cluster then part(tail, 5) end as peer,
        said(case when contains(authority, ':') then regexp_replace(lower(authority), ':[0-9]+$', '') else lower(authority) end) as host
    from named
)

select
    occurred_at,
    'api' as surface,
    said(request_id) as request_id,
    method,
    path,
    path_template(path) as path_template,
    case when has_cluster and count_of(tail) > 6 then said(part(tail, 7)) end as route,
    envoy_service(said(cluster), host) as service,
    status,
    try_cast(part(number, -3) as double) as latency_ms,
    try_cast(part(number, -2) as double) as upstream_latency_ms,
    try_cast(part(number, -5) as bigint) as request_bytes,
    try_cast(part(number, -4) as bigint) as response_bytes,
    case when has_query then key_in_query(target) end as credential_ref,
    address_of(case when first_forwarded in ('-', '') then said(peer) else first_forwarded end) as client_ip,
    said(agent) as user_agent,
    case when status between 200 and 399 then null else refusal_of(
        status, not contains(',' || flags || ',', ',NR,'), upstream = '-', false
    ) end as refusal,
    line_no,
    case
        when occurred_at is not null and p.request = '- - -' then 'a TCP connection, not a request'
        when occurred_at is not null then null
        when p.stamp <> '' then 'no time that can be read: [' || p.stamp || ']'
        when regexp_matches(line, '^\[[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+\]\[|^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z\s+(info|warn|warning|error|debug)\s')
            then 'a line of Envoy''s or Istio''s own log, not a request'
        when regexp_matches(line, '^\[[0-9]{4}-[0-9]{2}-[0-9]{2}T[^\]]*\] "') then 'cut short, or laid out in a way of its own'
        else 'not an Envoy or Istio access log line'
    end as problem,
    line
from call
