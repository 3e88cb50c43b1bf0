-- One row per day, highest plan of the caller, account and service of API calls: how many, and how many were refused for a quota or a rate. Calls of
-- monitors and of our own tests are left out; `plan` is null where none is known.

select
    usage_day.day,
    caller_plan.plan,
    caller_account.account_id,
    usage_day.service,
    cast(sum(usage_day.calls) as bigint) as calls,
    cast(sum(usage_day.refused_quota) as bigint) as refused_quota,
    cast(sum(usage_day.refused_rate_limit) as bigint) as refused_rate_limit
from usage_day
join caller_account using (caller_id)
anti join test_caller using (caller_id)
left join caller_plan using (caller_id)
where usage_day.surface = 'api'
group by all
order by usage_day.day
