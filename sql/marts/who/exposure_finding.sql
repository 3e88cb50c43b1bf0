-- One row per account, service and tier that the service is not meant for: the calls made while the account was in that tier.
-- `finding` is breach where a call was answered; attempt where none was. `refused` are those that the gateway turned away by their key.

with limits as (
    select service, list(tier order by tier) as meant_for
    from exposure
    group by service
)

select
    account_usage_day.account_id,
    account_usage_day.service,
    account_usage_day.tier,
    array_to_string(any_value(limits.meant_for), ', ') as meant_for,
    if(sum(account_usage_day.ok) > 0, 'breach', 'attempt') as finding,
    min(account_usage_day.day) as first_day,
    max(account_usage_day.day) as last_day,
    cast(sum(account_usage_day.calls) as bigint) as calls,
    cast(sum(account_usage_day.ok) as bigint) as ok,
    cast(sum(account_usage_day.refused_auth) as bigint) as refused
from account_usage_day
join limits using (service)
where account_usage_day.surface = 'api' and not list_contains(limits.meant_for, account_usage_day.tier)
group by account_usage_day.account_id, account_usage_day.service, account_usage_day.tier
