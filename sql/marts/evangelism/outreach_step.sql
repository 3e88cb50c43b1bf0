-- One row per account and step that outreach may be followed by: its sign-up, its first success, and each stage that a partner reached. The audience is
-- internal for our own teams, else others; the channel is the one that the account came through, null where nobody tells.

with steps as (
    select account_id, 'sign_up' as outcome, cast(signed_up_at as date) as day
    from account_channel
    where signed_up_at is not null

    union all

    select account_id, 'first_success', cast(first_success_at as date)
    from conversion_first_call
    where first_success_at is not null

    union all

    select account_id, 'partner_step', cast(reached_at as date)
    from account_stage
    where tier = 'partner'
)

select
    steps.account_id,
    steps.outcome,
    steps.day,
    if(account_tier_now.tier = 'internal', 'internal', 'others') as audience,
    account_channel.channel
from steps
join account_tier_now using (account_id)
left join account_channel using (account_id)
where steps.day < (select cast(as_of as date) from snapshot_info) and not starts_with(steps.account_id, 'nobody:')
