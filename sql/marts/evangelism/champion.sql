-- One row per developer who carries us where it works: own calls succeeded in at least seven of the last eight weeks, and two signs or more besides: two
-- colleagues signed up after it, its account pays, its account is in production, or it uses as many routes as nine in ten do not.

with span as (
    select cast(as_of as date) - 56 as day_from, cast(as_of as date) as day_to, as_of
    from snapshot_info
),

used as (
    select
        caller_account.developer_node as node,
        count(distinct (usage_day.day - span.day_from) // 7) as weeks,
        sum(usage_day.ok) as ok
    from usage_day
    join caller_account using (caller_id)
    anti join test_caller using (caller_id)
    cross join span
    where usage_day.surface = 'api' and usage_day.ok > 0 and caller_account.developer_node is not null
        and usage_day.day >= span.day_from and usage_day.day < span.day_to
    group by caller_account.developer_node
),

routes as (
    select caller_account.developer_node as node, count(distinct (usage_route_day.service, usage_route_day.route, usage_route_day.method)) as routes
    from usage_route_day
    join caller_account using (caller_id)
    cross join span
    where usage_route_day.ok > 0 and caller_account.developer_node is not null
        and usage_route_day.day >= span.day_from and usage_route_day.day < span.day_to
    group by caller_account.developer_node
),

broad as (
    select quantile_cont(routes, 0.9) as routes
    from routes
),

ranked as (
    select
        node,
        account_id,
        count(*) over (partition by account_id order by signed_up_at range between current row and unbounded following) - 1 as followers
    from developer_seen
    where signed_up_at <= (select as_of from snapshot_info)
),

facts as (
    select
        used.node,
        ranked.account_id,
        cast(used.weeks as integer) as weeks,
        cast(used.ok as bigint) as ok,
        coalesce(routes.routes, 0) as routes,
        ranked.followers,
        ranked.followers >= 2 as is_followed,
        account_bucket.bucket is not distinct from 'billable' as pays,
        coalesce(account_stage_now.stage in ('in_production', 'paying', 'revenue_share', 'expanded'), false) as in_production,
        coalesce(routes.routes >= broad.routes and routes.routes > 1, false) as is_broad
    from used
    join ranked using (node)
    cross join broad
    left join routes using (node)
    left join account_stage_now on account_stage_now.account_id = ranked.account_id
    left join account_bucket on account_bucket.account_id = ranked.account_id and account_bucket.valid_to is null
    where used.weeks >= 7
)

select
    *,
    cast(is_followed as integer) + cast(pays as integer) + cast(in_production as integer) + cast(is_broad as integer) as signs
from facts
where cast(is_followed as integer) + cast(pays as integer) + cast(in_production as integer) + cast(is_broad as integer) >= 2
