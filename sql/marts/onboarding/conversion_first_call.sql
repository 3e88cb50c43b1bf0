-- One row per account that signed up: when it did, when it first called and first succeeded (null where it has not), and the days to the success.
-- Who had a success before the first record of a sign-up has no such time: it stands apart.

with firsts as (
    select
        account_id,
        min(first_at) as first_call_at,
        min(first_ok_at) filter (where first_ok_at <= snapshot_info.as_of) as first_success_at
    from onboarding_day
    cross join snapshot_info
    where first_at <= snapshot_info.as_of
    group by account_id
)

select
    account_seen.account_id,
    account_tier_now.tier,
    account_seen.signed_up_at,
    firsts.first_call_at,
    firsts.first_success_at,
    coalesce(firsts.first_success_at < account_seen.signed_up_at, false) as success_is_older,
    case when firsts.first_success_at >= account_seen.signed_up_at
        then days_between(account_seen.signed_up_at, firsts.first_success_at) end as days
from account_seen
join account_tier_now using (account_id)
left join firsts using (account_id)
where account_seen.signed_up_at <= (select as_of from snapshot_info) and not starts_with(account_seen.account_id, 'nobody:')
