-- One row per developer and month of UTC days since it was known (its sign-up, else its first call): how it used us then, `level` 0 to 4, and what that
-- was a month before. quiet (0) no call · trying (1) calls, no success · using (2) success on up to three days · building (3) on four or
-- more · relying (4) in at least four calendar weeks. `move` is up, held, down, `quiet` where it was quiet in both, and `new` in its first month;
-- in a month that `is_unfinished` it may still rise.

with today as (
    select as_of, cast(date_trunc('month', as_of) as date) as month
    from snapshot_info
),

known as (
    select
        node,
        account_id,
        cast(date_trunc('month', least(signed_up_at, first_call_at)) as date) as first_month
    from developer_seen
    cross join today
    where least(signed_up_at, first_call_at) <= today.as_of
),

months as (
    select
        node,
        account_id,
        first_month,
        cast(unnest(generate_series(cast(first_month as timestamp), cast(today.month as timestamp), interval 1 month)) as date) as month
    from known
    cross join today
),

used as (
    select
        caller_account.developer_node as node,
        cast(date_trunc('month', usage_day.day) as date) as month,
        count(distinct usage_day.day) filter (usage_day.ok > 0) as ok_days,
        count(distinct date_trunc('week', usage_day.day)) filter (usage_day.ok > 0) as ok_weeks,
        sum(usage_day.calls) as calls
    from usage_day
    join caller_account using (caller_id)
    anti join test_caller using (caller_id)
    cross join today
    where usage_day.surface = 'api' and caller_account.developer_node is not null and usage_day.day <= cast(today.as_of as date)
    group by caller_account.developer_node, cast(date_trunc('month', usage_day.day) as date)
),

levels as (
    select
        months.node,
        months.account_id,
        months.first_month,
        months.month,
        case
            when coalesce(used.calls, 0) = 0 then 0
            when used.ok_days = 0 then 1
            when used.ok_weeks >= 4 then 4
            when used.ok_days >= 4 then 3
            else 2
        end as level,
        coalesce(used.ok_days, 0) as ok_days,
        coalesce(used.calls, 0) as calls
    from months
    left join used on used.node = months.node and used.month = months.month
),

stepped as (
    select *, lag(level) over (partition by node order by month) as level_before
    from levels
)

select
    stepped.node,
    stepped.account_id,
    stepped.month,
    stepped.level,
    stepped.level_before,
    ['quiet', 'trying', 'using', 'building', 'relying'][stepped.level + 1] as use,
    ['quiet', 'trying', 'using', 'building', 'relying'][stepped.level_before + 1] as use_before,
    case
        when stepped.level_before is null then 'new'
        when stepped.level > stepped.level_before then 'up'
        when stepped.level < stepped.level_before then 'down'
        when stepped.level = 0 then 'quiet'
        else 'held'
    end as move,
    stepped.ok_days,
    stepped.calls,
    stepped.month + interval 1 month > today.as_of as is_unfinished
from stepped
cross join today
