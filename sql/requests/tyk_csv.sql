-- format: tyk_csv
-- label: Tyk analytics (CSV pump)
-- sign: (?i)RawPath
-- record: sheet
-- columns: {"method": "Method", "path": "Path", "raw_path": "RawPath", "content_length": "ContentLength", "agent": "UserAgent",
--   "status": "ResponseCode", "api_key": "APIKey", "stamp": "TimeStamp", "api_name": "APIName", "api_id": "APIID",
--   "oauth_id": "OauthID", "request_time": "RequestTime", "address": "IPAddress", "total": "Latency.Total",
--   "upstream": "Latency.Upstream", "alias": "Alias", "tracked": "TrackPath"}
-- required: method, raw_path, status, stamp, api_key
-- secret: api_key
-- definition: Tyk Pump's CSV files, one an hour. The time is TimeStamp, as Go writes one; Day, Month (a name), Year and Hour repeat
--   it. Numbers are written without a sign, so that -1 is 18446744073709551615: null. Keyless calls have the key 00000000: null;
--   any other is hashed again, whether Tyk hashed it or not. Response bytes are not logged. Path is a route where it is tracked.
-- example: Method,Host,Path,RawPath,ContentLength,UserAgent,Day,Month,Year,Hour,ResponseCode,APIKey,TimeStamp\nPOST,api.harbor.example,/quotes,/quotes/88213,412,harbor-go/3.1,9,June,2026,12,201,5a1c0d3e,2026-06-09 12:00:00.25 +0000 UTC
with call as (
    select
        line_no,
        line,
        misfit,
        r.stamp as stamp,
        go_time(r.stamp) as occurred_at,
        upper(r.method) as method,
        path_of(coalesce(r.raw_path, r.path)) as path,
        case when r.tracked = 'true' then r.path end as route,
        coalesce(r.api_name, r.api_id) as service,
        try_cast(r.status as integer) as status,
        try_cast(r.request_time as bigint) as request_ms,
        try_cast(r.total as bigint) as total_ms,
        try_cast(r.upstream as bigint) as upstream_ms,
        try_cast(r.content_length as bigint) as request_bytes,
        tyk_key(r.api_key) as credential_ref,
        r.alias as alias,
        r.oauth_id as oauth_id,
        trim(split_part(r.address, ',', 1)) as client_ip,
        r.agent as user_agent
    from record
)

select
    occurred_at,
    'api' as surface,
    method,
    path,
    coalesce(route, path_template(path)) as path_template,
    route,
    service,
    status,
    -- Gateways from before Latency leave it at 0.
    cast(case when total_ms > 0 then total_ms else coalesce(request_ms, total_ms) end as double) as latency_ms,
    cast(case when total_ms > 0 or coalesce(request_ms, 0) = 0 then upstream_ms end as double) as upstream_latency_ms,
    request_bytes,
    credential_ref,
    coalesce(alias, oauth_id) as consumer_ref,
    oauth_id as application_ref,
    client_ip,
    user_agent,
    refusal_of(status, true, false, false) as refusal,
    line_no,
    case
        when misfit is not null then misfit
        when stamp is null then 'no TimeStamp'
        when occurred_at is null then 'TimeStamp is no time of a call: ' || without_keys(stamp)
        when status is null then 'no ResponseCode'
    end as problem,
    line
from call
