-- One row per day, developer and service: who was active. Calls whose developer is unknown are not here.

select
    usage_day.day,
    caller_account.developer_node,
    caller_account.account_id,
    account_tier.tier,
    usage_day.service,
    cast(sum(usage_day.calls) as bigint) as calls,
    cast(sum(usage_day.ok) as bigint) as ok
from usage_day
join caller_account using (caller_id)
join account_tier on account_tier.account_id = caller_account.account_id
    and usage_day.day >= account_tier.covers_from
    and usage_day.day < account_tier.covers_to
where caller_account.developer_node is not null and usage_day.surface = 'api'
group by all
order by usage_day.day
