-- The events of API Gateway's text templates: what each format makes of a line as `call`.
select
    occurred_at,
    'api' as surface,
    said(request_id) as request_id,
    method,
    case when starts_with(route, '/') then route else nullif(regexp_extract(route, '^[A-Z]+ (/.*)$', 1), '') end
        as path_template,
    route,
    status,
    try_cast(response_length as bigint) as response_bytes,
    coalesce(said("user"), said(caller)) as consumer_ref,
    said(ip) as client_ip,
    refusal_of(status, route is not null, false, false) as refusal,
    line_no,
    problem,
    line
from call
