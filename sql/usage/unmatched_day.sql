-- rollup: unmatched_day
-- partition: day
-- grain: one row a day, caller, address, method, path template and reason
-- definition: What callers asked for and we do not have: 404 without a matched route (no_route), 405 and 501.
--   A 404 on a known route is something else and is not here. No route means that nobody was identified, so the address (by hash)
--   is what is known; the path and the user agent are as they may be shown.
select
    day,
    caller_id,
    client_ip,
    method,
    path_template,
    case
        when status = 405 then '405'
        when status = 501 then '501'
        else 'no_route'
    end as reason,
    count(*) as calls,
    shown_path(min(path)) as sample_path,
    shown_agent(min(user_agent)) as user_agent
from request
where
    status in (405, 501)
    or refusal = 'no_route'
    or (status = 404 and matched_route is null)
group by
    day,
    caller_id,
    client_ip,
    method,
    path_template,
    case
        when status = 405 then '405'
        when status = 501 then '501'
        else 'no_route'
    end
