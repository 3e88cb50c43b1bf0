-- A log whose columns program.toml names. What stands in braces becomes the columns of the one source: see sql/requests/columns.py.
with given as (
    select
        line_no,
        line,
        {misfit} as misfit,
        {fields}
    from record
),

call as (
    select
        *,
        {moment} as moment,
        try_cast(status as integer) as code,
        case when path is not null then path_of(path) end as plain_path,
        {factor} * not_negative(latency) as latency_ms,
        {factor} * not_negative(upstream_latency) as upstream_latency_ms
    from given
)

select
    moment as occurred_at,
    request_id,
    upper(method) as method,
    plain_path as path,
    path_template(plain_path) as path_template,
    route,
    service,
    code as status,
    latency_ms,
    upstream_latency_ms,
    try_cast(not_negative(request_bytes) as bigint) as request_bytes,
    try_cast(not_negative(response_bytes) as bigint) as response_bytes,
    coalesce(credential_ref, 'key:' || keyed_hash(api_key)) as credential_ref,
    consumer_ref,
    application_ref,
    developer_ref,
    plan_ref,
    end_user_ref,
    coalesce(said(trim(split_part(forwarded_for, ',', 1))), trim(split_part(client_ip, ',', 1))) as client_ip,
    user_agent,
    refusal_of(code, route is not null, false, false) as refusal,
    line_no,
    host_of(referrer) as referrer_host,
    case
        when misfit is not null then misfit
        when occurred_at is null then {no_time}
        when moment is null then {wrong_time} || without_keys(occurred_at)
    end as problem,
    line
from call
