-- rollup: unmatched_day
-- partition: day
-- grain: one row a day, caller, method, path template and reason
-- definition: What callers asked for and we do not have: 404 without a matched route (no_route), 405 and 501.
--   A 404 on a known route is something else and is not here.
select
    day,
    caller_id,
    method,
    path_template,
    case
        when status = 405 then '405'
        when status = 501 then '501'
        else 'no_route'
    end as reason,
    count(*) as calls,
    min(path) as sample_path
from request
where
    status in (405, 501)
    or refusal = 'no_route'
    or (status = 404 and matched_route is null)
group by
    day,
    caller_id,
    method,
    path_template,
    case
        when status = 405 then '405'
        when status = 501 then '501'
        else 'no_route'
    end
