-- One row per account and event at the gateway that can date a stage. Of an account whose other steps came before its first call the first of a
-- kind is enough; of one with a later gate before these stages (an agreement, say) every later one is here, because one that comes too early does
-- not count. So is every return to production.

with ok_days as materialized (
    select account_id, day, first_ok_at, first_production_ok_at
    from onboarding_day
    where ok > 0
),

-- successes on so many days within so many: the day that completes them
lasting as (
    select account_id, first_ok_at
    from (
        select account_id, day, first_ok_at,
            lag(day, (select integrated_days - 1 from setting)) over (partition by account_id order by day) as day_before
        from ok_days
    )
    where day_before is not null and day - day_before < (select integrated_within_days from setting)
),

routes as (
    select account_id, first_ok, row_number() over (partition by account_id order by first_ok, service, route, method) as place
    from (
        select caller_account.account_id, usage_route_day.service, usage_route_day.route, method, min(day) as first_ok
        from usage_route_day
        join caller_account using (caller_id)
        join caller using (caller_id)
        left join test_caller using (caller_id)
        left join test_route on test_route.service = coalesce(usage_route_day.service, '') and test_route.route = usage_route_day.route
        where usage_route_day.ok > 0 and caller.surface = 'api' and test_caller.caller_id is null and test_route.route is null
        group by all
    )
),

broad as (
    select ok_days.account_id, ok_days.first_ok_at
    from routes
    join ok_days using (account_id)
    where routes.place = (select integrated_routes from setting) and ok_days.day >= routes.first_ok
),

weeks as (
    select account_id, date_trunc('week', day) as week, min(first_ok_at) as first_ok_at
    from ok_days
    group by account_id, week
),

steady as (
    select account_id, first_ok_at
    from (
        select account_id, week, first_ok_at,
            lag(week, (select production_weeks - 1 from setting)) over (partition by account_id order by week) as week_before
        from weeks
    )
    where date_diff('week', week_before, week) = (select production_weeks - 1 from setting)
),

-- a production credential says something only where the account also holds one that is not for production
sandboxed as (
    select distinct account_id
    from application
    join account_member using (node)
    where application.environment is not null and application.environment not in ('production', 'live')

    union

    select caller_account.account_id
    from caller_environment
    join caller_account using (caller_id)
    where caller_environment.environment = 'sandbox'
),

technical as (
    select tier, stage, position, list_position(['credential_issued', 'first_call', 'first_success', 'integrated', 'in_production'], stage) as place
    from program_stage
    where stage in ('credential_issued', 'first_call', 'first_success', 'integrated', 'in_production')
),

-- a tier that puts them in another order has no usual first
reordered as (
    select distinct tier
    from (select tier, place < lag(place) over (partition by tier order by position) as is_back from technical)
    where is_back
),

gates as (
    select program_stage.tier, program_stage.stage
    from program_stage
    join (select tier, max(position) as position from technical where stage <> 'in_production' group by tier) as last using (tier)
    where program_stage.position < last.position and program_stage.stage not in (select stage from technical)
),

first_calls as (
    select account_id, min(first_at) as first_at
    from onboarding_day
    group by account_id
),

late as (
    select stage_record.account_id
    from stage_record
    join account_tier_now using (account_id)
    join gates on gates.tier = account_tier_now.tier and gates.stage = stage_record.stage
    join first_calls on first_calls.account_id = stage_record.account_id and first_calls.first_at < stage_record.occurred_at

    union

    select account_id
    from account_tier_now
    join reordered using (tier)
),

successes as (
    select account_id, 'first_success' as stage, first_ok_at as occurred_at, 'successful call' as event from ok_days
    union all
    select account_id, 'integrated', first_ok_at, 'successes on several days' from lasting
    union all
    select account_id, 'integrated', first_ok_at, 'several routes in use' from broad
)

-- whoever calls by a credential has one; a day's last call counts where its first one came too early
select account_id, unnest(['credential_issued', 'first_call', 'credential_issued', 'first_call']) as stage,
    unnest([first_at, first_at, last_at, last_at]) as occurred_at, 'call' as event
from onboarding_day
where account_id in (select account_id from late)

union all

select account_id, unnest(['credential_issued', 'first_call']), first_at, 'call'
from first_calls
where account_id not in (select account_id from late)

union all

select account_id, stage, occurred_at, event
from successes
where account_id in (select account_id from late)

union all

select account_id, stage, min(occurred_at), event
from successes
where account_id not in (select account_id from late)
group by account_id, stage, event

union all

select account_id, 'in_production', first_ok_at, 'active weeks in a row' from steady

union all

select ok_days.account_id, 'in_production', ok_days.first_production_ok_at, 'production credential'
from ok_days
join sandboxed using (account_id)
where ok_days.first_production_ok_at is not null
