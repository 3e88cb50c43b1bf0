-- format: traefik
-- label: Traefik access log (JSON)
-- sign: "(DownstreamStatus|StartUTC|StartLocal)\\?"
-- record: json
-- keys: once
-- definition: Traefik 1 to 3 (1 says FrontendName and BackendName for RouterName and ServiceName). Durations are
--   nanoseconds. The status is the one that the client got; OriginStatus 0 is no answer of the service, and then there is
--   no time of its. Retries are one call. Headers only as far as the log keeps them; an API key among them or in the query
--   string becomes a hash. A log that filters by status, duration or retries is not all the traffic.
-- example: {"ClientAddr":"198.51.100.20:51514","ClientHost":"198.51.100.20","ClientUsername":"acme",
--   "DownstreamContentSize":734,"DownstreamStatus":200,"Duration":48250000,"OriginContentSize":734,
--   "OriginDuration":45100000,"OriginStatus":200,"RequestContentSize":0,"RequestHost":"api.harbor.example",
--   "RequestMethod":"GET","RequestPath":"/v1/quotes/88213?carrier=all","RetryAttempts":0,"RouterName":"quotes@docker",
--   "ServiceName":"quotes@docker","StartUTC":"2026-06-09T12:00:00.250125Z","level":"info","msg":"",
--   "request_User-Agent":"harbor-go/3.1","time":"2026-06-09T12:00:00Z"}
-- shape: {"StartUTC": "VARCHAR", "StartLocal": "VARCHAR", "time": "VARCHAR", "level": "VARCHAR", "msg": "VARCHAR",
--   "RequestMethod": "VARCHAR", "RequestPath": "VARCHAR", "RouterName": "VARCHAR", "FrontendName": "VARCHAR",
--   "ServiceName": "VARCHAR", "BackendName": "VARCHAR", "DownstreamStatus": "VARCHAR", "OriginStatus": "VARCHAR",
--   "Duration": "VARCHAR", "OriginDuration": "VARCHAR", "RequestContentSize": "VARCHAR",
--   "DownstreamContentSize": "VARCHAR", "ClientHost": "VARCHAR", "ClientAddr": "VARCHAR", "ClientUsername": "VARCHAR",
--   "request_User-Agent": "VARCHAR", "request_Referer": "VARCHAR", "request_X-Forwarded-For": "VARCHAR",
--   "request_X-Request-Id": "VARCHAR", "downstream_X-Request-Id": "VARCHAR", "request_X-Api-Key": "VARCHAR",
--   "request_Apikey": "VARCHAR", "downstream_Retry-After": "VARCHAR"}
with said_fields as (
    select
        line_no,
        line,
        is_broken,
        r.level as log_level,
        coalesce(r.StartUTC, r.StartLocal, r."time") as stamp,
        header_value(coalesce(r."request_X-Request-Id", r."downstream_X-Request-Id")) as request_id,
        said(r.RequestMethod) as method,
        said(r.RequestPath) as target,
        said(coalesce(r.RouterName, r.FrontendName)) as route,
        said(coalesce(r.ServiceName, r.BackendName)) as service,
        try_cast(r.DownstreamStatus as integer) as status,
        try_cast(r.Duration as double) / 1000000 as latency_ms,
        r.OriginStatus = '0' as unanswered,
        try_cast(r.OriginDuration as double) / 1000000 as upstream_latency_ms,
        try_cast(r.RequestContentSize as bigint) as request_bytes,
        try_cast(r.DownstreamContentSize as bigint) as response_bytes,
        header_value(coalesce(r."request_X-Api-Key", r.request_Apikey)) as raw_key,
        said(r.ClientUsername) as username,
        header_value(r."request_X-Forwarded-For") as forwarded_for,
        coalesce(said(r.ClientHost), said(r.ClientAddr)) as peer,
        header_value(r."request_User-Agent") as user_agent,
        r.request_Referer as referer,
        try_cast(r."downstream_Retry-After" as double) > 3600 as is_quota,
        coalesce(r.DownstreamStatus, r.StartUTC, r.StartLocal) is not null
        and coalesce(r.DownstreamStatus, r.RequestMethod, r.RequestPath) is not null as is_call
    from record
),

call as (
    select
        *,
        iso_time(stamp) as occurred_at,
        path_of(target) as path,
        forwarded_address(coalesce(forwarded_for, peer)) as client_ip
    from said_fields
)

select
    occurred_at,
    'api' as surface,
    request_id,
    method,
    path,
    path_template(path) as path_template,
    -- what Traefik 1 says where no frontend matched
    nullif(route, 'backend not found') as route,
    service,
    status,
    case when latency_ms >= 0 then latency_ms end as latency_ms,
    case when upstream_latency_ms >= 0 and not coalesce(unanswered, false) then upstream_latency_ms end as upstream_latency_ms,
    case when request_bytes >= 0 then request_bytes end as request_bytes,
    case when response_bytes >= 0 then response_bytes end as response_bytes,
    coalesce('key:' || keyed_hash(raw_key), case when contains(target, '?') then key_in_query(target) end) as credential_ref,
    username as consumer_ref,
    client_ip,
    user_agent,
    refusal_of(status, coalesce(route, 'backend not found') <> 'backend not found', unanswered, is_quota) as refusal,
    line_no,
    host_of(referer) as referrer_host,
    case
        when is_broken and not starts_with(ltrim(line), '{')
            then 'plain text between the access records, as plugins and Traefik itself write'
        when is_broken then 'not a JSON object: cut short or interleaved'
        when not is_call and log_level is not null and stamp is not null
            then 'a record of Traefik''s own log (level ' || left(log_level, 12) || '), not of a request'
        when not is_call then 'not a Traefik access record: no DownstreamStatus, RequestMethod or RequestPath'
        when stamp is null then 'a Traefik access record without a time: no StartUTC, StartLocal or time'
        when occurred_at is null then 'the time is none that is known: ' || left(stamp, 40)
    end as problem,
    line
from call
