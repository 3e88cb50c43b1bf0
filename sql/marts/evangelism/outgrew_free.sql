-- One row per account that is free and has outgrown it in the last 30 days: refused for quota or rate ten times or more, or more calls answered than the
-- median paying account had. `way` is how it could go on: `led` (somebody of ours leads a sale), `plan` (a plan above its own that it can take by itself),
-- `none`, or `unknown` where no source tells which plan it is on.

with span as (
    select cast(as_of as date) - 30 as day_from, cast(as_of as date) as day_to
    from snapshot_info
),

used as (
    select account_id, sum(calls) as calls, sum(ok) as ok, sum(refused_quota) as refused
    from onboarding_day
    cross join span
    where day >= span.day_from and day <= span.day_to
    group by account_id
),

payers as (
    select median(used.ok) as ok
    from used
    join account_path using (account_id)
    where account_path.pays
),

plans as (
    select account_member.account_id, max(program_plan.position) as position
    from (
        select node, plan from application
        union
        select node, plan from credential
    ) as held
    join account_member using (node)
    join program_plan on lower(program_plan.name) = held.plan
    group by account_member.account_id
),

ways as (
    select
        plans.account_id,
        plans.position,
        min(above.position) as above_position
    from plans
    left join program_plan as above on above.position > plans.position and above.self_serve and not above.free
    group by plans.account_id, plans.position
)

select
    free_account.account_id,
    cast(used.calls as bigint) as calls,
    cast(used.ok as bigint) as ok,
    cast(used.refused as bigint) as refused,
    payers.ok as median_payer_ok,
    used.refused >= 10 as is_limited,
    coalesce(used.ok > payers.ok, false) as is_large,
    mine.name as plan,
    above.name as plan_above,
    cast(above.monthly_price as double) as plan_above_price,
    case
        when account_path.served = 'sales-led' then 'led'
        when above.name is not null then 'plan'
        when mine.name is null then 'unknown'
        else 'none'
    end as way
from free_account
join used using (account_id)
cross join payers
left join account_path using (account_id)
left join ways using (account_id)
left join program_plan as mine on mine.position = ways.position
left join program_plan as above on above.position = ways.above_position
where free_account.outcome = 'still free' and (used.refused >= 10 or coalesce(used.ok > payers.ok, false))
