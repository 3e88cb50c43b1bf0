-- format: aws_api_gateway
-- label: AWS API Gateway access log (JSON)
-- sign: "(requestTime|requestTimeEpoch)"
-- record: json
-- definition: REST, HTTP and WebSocket APIs. Whoever sets up the log chooses its keys; these are the ones that the
--   documentation, the console and the common templates use. All values may be strings, and "-" is none. resourcePath
--   and routeKey are templates, not paths. requestTime is when the request came; some templates put the epoch there.
-- example: {"requestId":"0f6f2c1e-7a31-4d0e-9c1e-2b7a4a1f9d10","ip":"203.0.113.9","requestTime":"09/Jun/2026:14:00:00 +0200",
--   "httpMethod":"GET","resourcePath":"/parcels/{id}","status":"200","responseLength":"518","apiKeyId":"a1b2c3d4e5"}
-- shape: {"requestId": "VARCHAR", "extendedRequestId": "VARCHAR", "requestTime": "VARCHAR", "requestTimeEpoch": "VARCHAR",
--   "ip": "VARCHAR", "sourceIp": "VARCHAR", "caller": "VARCHAR", "user": "VARCHAR", "httpMethod": "VARCHAR",
--   "method": "VARCHAR", "path": "VARCHAR", "resourcePath": "VARCHAR", "routeKey": "VARCHAR", "status": "VARCHAR",
--   "responseLength": "VARCHAR", "requestLength": "VARCHAR", "responseLatency": "VARCHAR", "latency": "VARCHAR",
--   "integrationLatency": "VARCHAR", "integration": {"latency": "VARCHAR"}, "integration.latency": "VARCHAR",
--   "userAgent": "VARCHAR", "apiId": "VARCHAR", "stage": "VARCHAR", "domainName": "VARCHAR",
--   "apiKeyId": "VARCHAR", "apiKey": "VARCHAR", "principalId": "VARCHAR", "sub": "VARCHAR", "clientId": "VARCHAR",
--   "identity": {"sourceIp": "VARCHAR", "apiKeyId": "VARCHAR", "apiKey": "VARCHAR", "userAgent": "VARCHAR",
--     "caller": "VARCHAR", "user": "VARCHAR"},
--   "identity.sourceIp": "VARCHAR", "identity.apiKeyId": "VARCHAR", "identity.userAgent": "VARCHAR",
--   "authorizer": {"principalId": "VARCHAR",
--     "claims": {"sub": "VARCHAR", "client_id": "VARCHAR", "azp": "VARCHAR"}},
--   "authorizer.principalId": "VARCHAR", "authorizer.claims.sub": "VARCHAR",
--   "error": {"message": "VARCHAR", "responseType": "VARCHAR"}, "errorMessage": "VARCHAR", "responseType": "VARCHAR",
--   "errorResponseType": "VARCHAR", "error.message": "VARCHAR", "error.responseType": "VARCHAR"}
with said_fields as (
    select
        line_no,
        line,
        is_broken,
        coalesce(said(r.requestTimeEpoch), said(r.requestTime)) as stamp,
        coalesce(said(r.requestId), said(r.extendedRequestId)) as request_id,
        coalesce(said(r.httpMethod), said(r.method)) as http_method,
        said(r.routeKey) as route_key,
        split_part(said(r.resourcePath), '?', 1) as resource_path,
        path_of(said(r.path)) as path,
        try_cast(r.status as integer) as status,
        try_cast(coalesce(said(r.responseLatency), said(r.latency)) as double) as latency_ms,
        coalesce(r.integrationLatency, r.integration.latency, r."integration.latency") as integration_latency,
        try_cast(r.requestLength as bigint) as request_bytes,
        try_cast(r.responseLength as bigint) as response_bytes,
        coalesce(said(r.identity.apiKeyId), said(r.apiKeyId), said(r."identity.apiKeyId")) as key_id,
        coalesce(said(r.identity.apiKey), said(r.apiKey)) as raw_key,
        coalesce(said(r.authorizer.claims.client_id), said(r.authorizer.claims.azp), said(r.clientId)) as client_id,
        coalesce(said(r.authorizer.claims.sub), said(r."authorizer.claims.sub"), said(r.sub)) as subject,
        coalesce(said(r.authorizer.principalId), said(r.principalId), said(r."authorizer.principalId")) as principal,
        coalesce(said(r."user"), said(r.identity."user"), said(r.caller), said(r.identity.caller)) as iam_user,
        coalesce(said(r.ip), said(r.sourceIp), said(r.identity.sourceIp), said(r."identity.sourceIp")) as client_ip,
        coalesce(said(r.userAgent), said(r.identity.userAgent), said(r."identity.userAgent")) as user_agent,
        said(r.apiId) as api_id,
        said(r.stage) as stage,
        said(r.domainName) as domain_name,
        coalesce(r.error.responseType, r.responseType, r.errorResponseType, r."error.responseType", '')
        || ' ' || coalesce(r.error.message, r.errorMessage, r."error.message", '') as error
    from record
),

call as (
    select
        *,
        case
            when regexp_matches(stamp, '^[0-9]{13}([.][0-9]+)?$') then epoch_ms_time(try_cast(stamp as double))
            when regexp_matches(stamp, '^[0-9]{10}([.][0-9]+)?$') then epoch_ms_time(1000 * try_cast(stamp as double))
            when regexp_matches(stamp, '^[0-9]{2}/') then clf_time(stamp)
            else iso_time(stamp)
        end as occurred_at,
        coalesce(resource_path, route_key) as route,
        case when http_method is null then regexp_extract(route_key, '^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /', 1)
            else http_method end as method,
        coalesce(resource_path, nullif(regexp_extract(route_key, '^[A-Z]+ (/.*)$', 1), '')) as template
    from said_fields
)

select
    occurred_at,
    'api' as surface,
    request_id,
    nullif(method, '') as method,
    path,
    coalesce(template, path_template(path)) as path_template,
    route,
    coalesce(nullif(concat_ws('/', api_id, stage), ''), domain_name) as service,
    status,
    latency_ms,
    try_cast(integration_latency as double) as upstream_latency_ms,
    request_bytes,
    response_bytes,
    coalesce(key_id, 'key:' || keyed_hash(raw_key)) as credential_ref,
    coalesce(principal, client_id, subject, iam_user) as consumer_ref,
    case when coalesce(principal, client_id) <> subject then subject end as end_user_ref,
    client_ip,
    user_agent,
    refusal_of(
        status, route is not null, integration_latency = '-',
        error like '%QUOTA_EXCEEDED%' or lower(error) like '%limit exceeded%'
    ) as refusal,
    line_no,
    case
        when is_broken then 'not a JSON object: cut short, interleaved or plain text'
        when stamp is null then 'not an API Gateway access record: no requestTime or requestTimeEpoch'
        when request_id is null and api_id is null and route is null and status is null
            then 'not an API Gateway access record: no requestId, route or status'
        when occurred_at is null then 'requestTime is no time that is known: ' || stamp
    end as problem,
    line
from call
