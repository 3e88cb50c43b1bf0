-- check: chain_covers_all
-- question: Is every application, and every call of the last 90 days, in exactly one chain?
-- severity: error

select 'application' as what, application.node as id, count(chain.node) as chains
from application
left join chain using (node)
group by application.node
having count(chain.node) <> 1

union all

select 'chain', node, count(*)
from chain
group by node
having count(*) <> 1

union all

select 'calls', cast(counted.calls as varchar), cast(chained.calls as bigint)
from (
    select coalesce(sum(calls), 0) as calls
    from usage_day
    where surface = 'api'
        and day between (select cast(as_of as date) - 89 from snapshot_info) and (select cast(as_of as date) from snapshot_info)
) as counted
cross join (select coalesce(sum(calls_90d), 0) as calls from chain) as chained
where counted.calls <> chained.calls
