-- One row per account that mattered and has gone quiet: success in at least five of the eight weeks that ended fourteen days ago, and none since.
-- It mattered where it paid in the last year, was in production, is a partner, or was among the tenth that called most successfully in those weeks.

with span as (
    select cast(as_of as date) - 70 as day_from, cast(as_of as date) - 14 as quiet_from, as_of
    from snapshot_info
),

used as (
    select
        account_day.account_id,
        sum(account_day.ok) filter (account_day.day < span.quiet_from) as ok,
        count(distinct (account_day.day - span.day_from) // 7) filter (account_day.day < span.quiet_from) as weeks,
        max(account_day.day) as last_ok_on,
        bool_or(account_day.day >= span.quiet_from) as is_back
    from onboarding_day as account_day
    cross join span
    where account_day.ok > 0 and account_day.day >= span.day_from and account_day.day <= cast(span.as_of as date)
    group by account_day.account_id
),

heavy as (
    select quantile_cont(ok, 0.9) as ok
    from used
    where ok > 0
),

paid as (
    select account_id, sum(net_micros) as revenue_micros
    from revenue_event
    cross join span
    where day > cast(span.as_of - interval 1 year as date) and day <= cast(span.as_of as date)
    group by account_id
),

produced as (
    select distinct account_id
    from account_stage
    where stage = 'in_production'
)

select
    used.account_id,
    used.last_ok_on,
    cast(span.as_of as date) - used.last_ok_on as days_quiet,
    cast(used.weeks as integer) as weeks,
    cast(used.ok as bigint) as ok,
    paid.revenue_micros,
    coalesce(paid.revenue_micros > 0, false) as paid,
    produced.account_id is not null as in_production,
    account_tier_now.tier = 'partner' as is_partner,
    coalesce(used.ok >= heavy.ok, false) as is_heavy
from used
cross join span
cross join heavy
join account_tier_now using (account_id)
left join paid using (account_id)
left join produced using (account_id)
where not used.is_back and used.weeks >= 5 and not starts_with(used.account_id, 'nobody:')
    and (
        coalesce(paid.revenue_micros > 0, false)
        or produced.account_id is not null
        or account_tier_now.tier = 'partner'
        or coalesce(used.ok >= heavy.ok, false)
    )
