-- format: envoy_json
-- label: Envoy, Istio or Envoy Gateway access log (JSON)
-- sign: "start_time"
-- record: json
-- keys: once
-- definition: Istio's keys (response_code, request_id, upstream_service_time …) and Envoy Gateway's (:authority,
--   x-envoy-origin-path, x-request-id …), in any mix. Numbers may be texts; "-" and null are none. The time is the start;
--   bytes are those of the bodies. Status 0 is a client that went away. The client is the leftmost X-Forwarded-For address,
--   else the peer. The service is the upstream cluster, which says the side of an Istio sidecar (inbound| or outbound|), else
--   the host. Of an api_key in a query string a hash is kept. A TCP connection is no request.
-- example: {"start_time":"2026-06-09T12:00:00.250Z","method":"GET","path":"/v1/rates?zone=4","protocol":"HTTP/2",
--   "response_code":200,"response_flags":"-","response_code_details":"via_upstream","bytes_received":0,"bytes_sent":512,
--   "duration":14,"upstream_service_time":"12","x_forwarded_for":"203.0.113.8, 10.0.0.4","user_agent":"harbor-go/3.1",
--   "request_id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","authority":"api.harbor.example","upstream_host":"10.8.0.4:8080",
--   "upstream_cluster":"outbound|8080||rates.shop.svc.cluster.local","downstream_remote_address":"10.0.0.4:51022",
--   "route_name":"default"}
-- shape: {"start_time": "VARCHAR", "method": "VARCHAR", "path": "VARCHAR", "x-envoy-origin-path": "VARCHAR",
--   "x-envoy-original-path": "VARCHAR", ":method": "VARCHAR", ":path": "VARCHAR", "protocol": "VARCHAR",
--   "response_code": "VARCHAR", "response_flags": "VARCHAR", "bytes_received": "VARCHAR", "bytes_sent": "VARCHAR",
--   "duration": "VARCHAR", "upstream_service_time": "VARCHAR", "x-envoy-upstream-service-time": "VARCHAR",
--   "x_forwarded_for": "VARCHAR", "x-forwarded-for": "VARCHAR", "user_agent": "VARCHAR", "user-agent": "VARCHAR",
--   "request_id": "VARCHAR", "x-request-id": "VARCHAR", "authority": "VARCHAR", ":authority": "VARCHAR",
--   "upstream_host": "VARCHAR", "upstream_cluster": "VARCHAR", "downstream_remote_address": "VARCHAR",
--   "route_name": "VARCHAR"}
with said_fields as (
    select
        line_no,
        line,
        is_broken,
        r.start_time as stamp,
        iso_time(r.start_time) as occurred_at,
        coalesce(said(r.method), said(r.":method")) as method,
        coalesce(said(r."x-envoy-origin-path"), said(r."x-envoy-original-path"), said(r.path), said(r.":path")) as target,
        r.protocol as protocol,
        r.response_code as code,
        try_cast(r.response_code as integer) as status,
        coalesce(r.response_flags, '-') as flags,
        try_cast(r.bytes_received as bigint) as request_bytes,
        try_cast(r.bytes_sent as bigint) as response_bytes,
        try_cast(r.duration as double) as latency_ms,
        try_cast(coalesce(r.upstream_service_time, r."x-envoy-upstream-service-time") as double) as upstream_latency_ms,
        trim(split_part(coalesce(r.x_forwarded_for, r."x-forwarded-for", ''), ',', 1)) as first_forwarded,
        coalesce(said(r.user_agent), said(r."user-agent")) as user_agent,
        coalesce(said(r.request_id), said(r."x-request-id")) as request_id,
        lower(coalesce(said(r.authority), said(r.":authority"))) as authority,
        said(r.upstream_host) as upstream_host,
        said(r.upstream_cluster) as cluster,
        said(r.downstream_remote_address) as peer,
        said(r.route_name) as route
    from record
),

call as (
    select
        *,
        path_of(target) as path,
        contains(target, '?') as has_query,
        case when contains(authority, ':') then regexp_replace(authority, ':[0-9]+$', '') else authority end as host,
        case when first_forwarded in ('-', '') then peer else first_forwarded end as client
    from said_fields
)

select
    occurred_at,
    'api' as surface,
    request_id,
    method,
    path,
    path_template(path) as path_template,
    route,
    envoy_service(cluster, host) as service,
    status,
    latency_ms,
    upstream_latency_ms,
    request_bytes,
    response_bytes,
    case when has_query then key_in_query(target) end as credential_ref,
    address_of(client) as client_ip,
    user_agent,
    case when status between 200 and 399 then null else refusal_of(
        status, not contains(',' || flags || ',', ',NR,'), upstream_host is null, false
    ) end as refusal,
    line_no,
    case
        when is_broken then 'not a JSON object: cut short, interleaved or plain text'
        when stamp is null then 'not an Envoy access record: no start_time'
        when code is null and method is null then 'not an Envoy access record: no response_code and no method'
        when method is null and target is null and coalesce(said(protocol), '') = '' then 'a TCP connection, not a request'
        when occurred_at is null then 'start_time is no time that is known: ' || stamp
    end as problem,
    line
from call
