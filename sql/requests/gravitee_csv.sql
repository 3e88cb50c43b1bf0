-- format: gravitee_csv
-- label: Gravitee file reporter (CSV)
-- sign: "[^";]*";"[^";]*";[0-9]{13};"
-- record: sheet
-- delimiter: ;
-- cells: 27 to 96
-- secret: c29, c30, c31, c32
-- definition: The request metrics of APIM 2 to 4, which have no header and end with cells of the users' own. The method, which stands
--   16th, or 18th since rows name the organization and environment, tells them apart; APIs of version 4 have one cell more after the
--   status. A method may be a number, -1 is none, and application 1 is a call without one. The security token is not a token but the
--   API's id, so the subscription is the credential.
-- example: "5f0b";"5f0c";1781006400250;"198.51.100.23";"10.0.0.4";"a-1";"Quotes";"app-7";"gold";"sub-3";"";"";"/v1/quotes/7?lang=en";"";"";"GET";200;
--   "http://up:80";"";"";"harbor-go/3.1";"api.harbor.example";0;275;38;43;5;"API_KEY";"a-1"
with placed as (
    select
        line_no,
        line,
        misfit,
        r,
        case
            when regexp_full_match(r.c16, '[A-Z]{3,7}|[0-9]') and regexp_full_match(r.c17, '[0-9]{1,3}') then false
            when regexp_full_match(r.c18, '[A-Z]{3,7}|[0-9]') and regexp_full_match(r.c19, '[0-9]{1,3}') then true
        end as is_wide
    from record
),

evened as (
    select
        line_no,
        line,
        misfit,
        is_wide,
        r.c2 as request_id,
        r.c3 as stamp,
        r.c4 as address,
        r.c6 as api,
        r.c7 as api_name,
        case when is_wide then r.c10 else r.c8 end as application,
        case when is_wide then r.c11 else r.c9 end as plan,
        case when is_wide then r.c12 else r.c10 end as subscription,
        case when is_wide then r.c13 else r.c11 end as person,
        case when is_wide then r.c15 else r.c13 end as uri,
        case when is_wide then r.c17 else r.c15 end as mapped_path,
        case when is_wide then r.c18 else r.c16 end as method,
        case when is_wide then r.c19 else r.c17 end as status,
        -- The five numbers that follow the host, and what stands around them.
        case when is_wide then r.c23 else r.c21 end as agent_2,
        case when is_wide then r.c24 else r.c22 end as agent_4,
        case when is_wide then r.c25 else r.c23 end as n1,
        case when is_wide then r.c26 else r.c24 end as n2,
        case when is_wide then r.c27 else r.c25 end as n3,
        case when is_wide then r.c28 else r.c26 end as n4,
        case when is_wide then r.c29 else r.c27 end as n5,
        case when is_wide then r.c30 else r.c28 end as n6
    from placed
),

call as (
    select
        *,
        epoch_ms_time(try_cast(stamp as double)) as occurred_at,
        try_cast(n3 as bigint) is not null and try_cast(n4 as bigint) is not null and try_cast(n5 as bigint) is not null as has_numbers,
        try_cast(n6 as bigint) is not null as is_v4
    from evened
)

select
    occurred_at,
    'api' as surface,
    request_id,
    case
        when length(method) > 1 then method
        when method <> '0' then part(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'], try_cast(method as integer))
    end as method,
    path_of(uri) as path,
    coalesce(mapped_path, path_template(path_of(uri))) as path_template,
    mapped_path as route,
    coalesce(api_name, api) as service,
    try_cast(status as integer) as status,
    not_negative(case when is_v4 then n5 else n4 end) as latency_ms,
    not_negative(case when is_v4 then n4 else n3 end) as upstream_latency_ms,
    try_cast(not_negative(case when is_v4 then n2 else n1 end) as bigint) as request_bytes,
    try_cast(not_negative(case when is_v4 then n3 else n2 end) as bigint) as response_bytes,
    subscription as credential_ref,
    nullif(application, '1') as consumer_ref,
    nullif(application, '1') as application_ref,
    plan as plan_ref,
    person as end_user_ref,
    address as client_ip,
    case when is_v4 then agent_4 else agent_2 end as user_agent,
    refusal_of(try_cast(status as integer), api is not null, false, false) as refusal,
    line_no,
    case
        when misfit is not null then misfit
        when occurred_at is null then 'no epoch in milliseconds in the third cell'
        when is_wide is null then 'not a Gravitee request: no method and status in the 16th and 17th, or 18th and 19th, cell'
        when not has_numbers then 'not a Gravitee request: no sizes and times after the host'
    end as problem,
    line
from call
