-- rollup: month_part
-- partition: day
-- kept: for months
-- grain: address: one row a day, caller, address, surface and whether the caller has a name; end_user: a day, caller and end user;
--   visit: a day, address, kind of agent, network, referrer and page
-- definition: What a day brings to the roll-ups of its month, of three kinds in one file (`latency_part` has the fourth). address: who called from where (by
--   keyed hash), and how often for something that no route matched (asked). end_user: who stands behind a caller, where the log names them (by hash).
--   visit: answered reads of pages of the documentation and other public places, by address where the log has one.
select
    day,
    caller_id,
    'address' as kind,
    client_ip,
    surface,
    is_named,
    cast(null as varchar) as end_user_ref,
    cast(null as varchar) as agent,
    cast(null as varchar) as client_network,
    cast(null as varchar) as referrer_host,
    cast(null as varchar) as page,
    count(*) as calls,
    count(case when outcome = 'ok' then 1 end) as ok,
    count(
        case when status in (405, 501) or refusal = 'no_route' or (status = 404 and matched_route is null) then 1 end
    ) as asked
from request
where client_ip is not null
group by
    day, caller_id, client_ip, surface, is_named
union all
select day, caller_id, 'end_user', null, null, null, end_user_ref, null, null, null, null, count(*), null, null
from request
where end_user_ref is not null
group by day, caller_id, end_user_ref
union all
select
    day, null, 'visit', client_ip, null, null, null,
    agent_kind(user_agent), client_network, referrer_host, path_template,
    count(*), null, null
from request
where surface <> 'api' and outcome = 'ok' and method = 'GET' and is_page(path)
group by day, client_ip, agent_kind(user_agent), client_network, referrer_host, path_template
