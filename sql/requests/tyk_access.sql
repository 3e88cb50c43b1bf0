-- format: tyk_access
-- label: Tyk gateway access log (text)
-- sign: prefix=access-log
-- record: text
-- definition: The lines of Tyk's text log with prefix=access-log. A template may leave fields out: they are null then. Tyk
--   writes api_key hashed or as its last four characters; here it is hashed once more, and 00000000 is no key. The service
--   is the API. Latencies are in milliseconds. The stamp is the end of a call, and what it took is taken off. Before version
--   5.13.1 it has neither year nor zone: it is read as UTC, in the last year in which it is not after today.
-- example: time="2026-06-09T12:00:01Z" level=info api_id=b1a41c9a api_key=****4c1d api_name=quotes client_ip=198.51.100.7
--   latency_total=42 method=GET path=/v1/rates prefix=access-log status=200 upstream_latency=40 user_agent=harbor-go/3.1
with opened as (
    select
        line_no,
        line,
        ' ' || case when ends_with(line, chr(13)) or ends_with(line, chr(10)) then rtrim(line, chr(13) || chr(10)) else line end as fields
    from record
),

-- The fields of a usual line stand in the order of their names and no quoted value holds what looks like a key: they are found in
-- three groups.
grouped as (
    select
        *,
        tyk_caller(fields) as caller,
        tyk_asked(after_caller) as asked,
        tyk_answered(split_part(after_caller, ' prefix=access-log ', 2)) as told
    from (select *, split_part(fields, ' client_ip=', 2) as after_caller from opened)
),

judged as (
    select *, coalesce(caller.stamp <> '' and asked.method <> '' and told.status <> '', false) as is_usual
    from grouped
),

-- A key may be searched for where no quoted value holds what looks like one, as a path or a user agent could.
split as (
    select
        *,
        case when is_usual then true else starts_with(fields, ' time=') and contains(fields, ' prefix=access-log') end as is_likely,
        case when is_usual then true else starts_with(fields, ' time=') and contains(fields, ' prefix=access-log') and not contains(fields, '\') and not regexp_matches(fields, '="[^"]* [a-z_]+=') end
            as is_plain
    from judged
),

valued as (
    select
        line_no,
        line,
        fields,
        is_plain,
        is_likely,
        case when is_usual then caller.stamp when is_plain then logfmt_quick(fields, 'time')
            when is_likely then logfmt_value(fields, 'time') end as stamp,
        case when is_usual then caller.api_key when is_plain then logfmt_quick(fields, 'api_key')
            when is_likely then logfmt_value(fields, 'api_key') end as api_key,
        case when is_usual then coalesce(nullif(caller.api_name, ''), caller.api_id) when is_plain then case when contains(fields, ' api_name=') then logfmt_quick(fields, 'api_name') else logfmt_quick(fields, 'api_id') end
            when is_likely then coalesce(nullif(logfmt_value(fields, 'api_name'), ''), logfmt_value(fields, 'api_id')) end as api,
        case when is_usual then asked.client_ip when is_plain then logfmt_quick(fields, 'client_ip')
            when is_likely then logfmt_value(fields, 'client_ip') end as address,
        case when is_usual then asked.latency_total when is_plain then logfmt_quick(fields, 'latency_total')
            when is_likely then logfmt_value(fields, 'latency_total') end as latency_total,
        case when is_usual then asked.method when is_plain then logfmt_quick(fields, 'method')
            when is_likely then logfmt_value(fields, 'method') end as method,
        case when is_usual then asked.path
            when is_plain then case when contains(fields, ' original_path=') then logfmt_quick(fields, 'original_path') else logfmt_quick(fields, 'path') end
            when is_likely then coalesce(nullif(logfmt_value(fields, 'original_path'), ''), logfmt_value(fields, 'path')) end as target,
        case when is_usual then told.status when is_plain then logfmt_quick(fields, 'status')
            when is_likely then logfmt_value(fields, 'status') end as status,
        case when is_usual then told.trace_id
            when is_plain then case when contains(fields, ' trace_id=') then logfmt_quick(fields, 'trace_id') end
            when is_likely then logfmt_value(fields, 'trace_id') end as trace_id,
        case when is_usual then told.upstream_latency when is_plain then logfmt_quick(fields, 'upstream_latency')
            when is_likely then logfmt_value(fields, 'upstream_latency') end as upstream_latency,
        case when is_usual then told.user_agent when is_plain then logfmt_quick(fields, 'user_agent')
            when is_likely then logfmt_value(fields, 'user_agent') end as user_agent
    from split
),

bare as (
    select
        line_no,
        line,
        fields,
        is_plain,
        is_likely,
        logfmt_bare(stamp) as stamp,
        logfmt_bare(api_key) as api_key,
        logfmt_bare(api) as api,
        logfmt_bare(address) as address,
        latency_total,
        logfmt_bare(method) as method,
        logfmt_bare(target) as target,
        status,
        logfmt_bare(trace_id) as trace_id,
        upstream_latency,
        logfmt_bare(user_agent) as user_agent
    from valued
),

typed as (
    select
        *,
        coalesce(case when ends_with(stamp, 'Z') then try_cast(stamp as timestamp) else iso_time(stamp) end, yearless_time(stamp)) as ended_at,
        try_cast(latency_total as double) as total_ms,
        try_cast(upstream_latency as double) as upstream_ms,
        path_of(target) as path,
        try_cast(status as integer) as answered
    from bare
),

call as (
    select
        *,
        case
            when is_plain and answered >= 400 then nullif(logfmt_quick(fields, 'error_source'), '')
            when answered >= 400 then nullif(logfmt_value(fields, 'error_source'), '')
        end as error_source,
        case
            when is_plain and answered >= 400 then logfmt_quick(fields, 'response_flag')
            when answered >= 400 then logfmt_value(fields, 'response_flag')
        end as response_flag,
        -- api_type is always there unless a template leaves it out; api_id and org_id where an API was found
        case when answered = 404 and api is null and not contains(fields, ' org_id=') then contains(fields, ' api_type=') else false end
            as has_no_api,
        -- the words of a path or a user agent are no prefix
        case when is_plain then true when is_likely then logfmt_value(fields, 'prefix') = 'access-log' else false end
            as is_access_line
    from typed
)

select
    started_at(ended_at, total_ms) as occurred_at,
    'api' as surface,
    trace_id as request_id,
    method,
    path,
    path_template(path) as path_template,
    api as service,
    answered as status,
    case when total_ms >= 0 then total_ms end as latency_ms,
    -- what Tyk itself turned away never reached the API behind it
    case when upstream_ms > 0 or (upstream_ms = 0 and coalesce(error_source in ('Upstream', 'ReverseProxy'), true)) then upstream_ms end
        as upstream_latency_ms,
    case when api_key not in ('00000000', '----') then 'key:' || keyed_hash(api_key) end as credential_ref,
    case when address is not null then address
        else nullif(trim(regexp_replace(trim(logfmt_value(fields, 'remote_addr'), '"'), ':[0-9]+$', ''), '[]'), '') end as client_ip,
    without_escapes(user_agent) as user_agent,
    case
        when response_flag = 'QEX' then 'quota'
        when response_flag = 'RLT' then 'rate_limit'
        else refusal_of(answered, not has_no_api, coalesce(error_source = 'ReverseProxy', false), false)
    end as refusal,
    line_no,
    case
        when not is_access_line then case
            when starts_with(line, 'time=') and regexp_matches(line, '\bprefix=') then 'a line of Tyk''s application log, not a request'
            when starts_with(line, 'time=') and regexp_matches(line, '^time="[^"]*" level=info api_') then 'cut short: it ends before its prefix'
            when contains(line, 'prefix=access-log') then 'an access line that does not begin with its time'
            else coalesce(other_line(line), 'not an access line of Tyk''s')
        end
        when ended_at is null then 'no time that can be read: ' || coalesce(stamp, 'none')
        when answered is null and method is null and path is null then 'neither method, path nor status: the template leaves them out'
    end as problem,
    line
from call
