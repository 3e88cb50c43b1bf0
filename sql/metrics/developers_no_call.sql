-- metric: developers_no_call
-- label: No first call yet
-- question: Who signed up and has not called yet?
-- unit: developers
-- grain: one row a developer, the newest first
-- good: down
-- definition: Developers who signed up in the 90 days before the snapshot's day and none of whose credentials has called. A developer whose calls the gateway does
--   not name is among them; colleagues of its account may call.
-- column days: whole days since it signed up
-- column has_key: whether an application is its own
-- column account_calls: whether anyone of its account has called

with today as (
    select as_of, cast(as_of as date) as day
    from snapshot_info
),

callers as (
    select distinct account_id
    from account_day
    cross join today
    where account_day.day <= today.day
),

keys as (
    select distinct developer_node as node
    from application_account
    where developer_node is not null
)

select
    developer_seen.account_id,
    account.name,
    account.tier,
    account.stage,
    developer_seen.name as developer,
    developer_seen.signed_up_at,
    today.day - cast(developer_seen.signed_up_at as date) as days,
    developer_seen.channel,
    developer_seen.referrer,
    keys.node is not null as has_key,
    callers.account_id is not null as account_calls,
    coalesce(account.owner, stall_owner.owner) as owner
from developer_seen
cross join today
join account using (account_id)
left join stall_owner using (account_id)
left join callers using (account_id)
left join keys using (node)
where developer_seen.first_call_at is null
    and developer_seen.signed_up_at <= today.as_of
    and cast(developer_seen.signed_up_at as date) >= today.day - 90
    and ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id, developer_seen.name)), lower($search)))
order by developer_seen.signed_up_at desc, developer_seen.node
