-- One row per account, path and step of it that the account has reached, in order: each at its first event on or after the step before. An
-- account may be on both paths; which it is on decides nothing beforehand, so that no path looks better for those that left it.
-- self-service: signed up, first success, integrated, ordered by itself, paying; sales-led: contact, procurement, contracted, paying.

with recursive accounts as (
    select account_id, tier
    from account_tier_now
    where tier <> 'internal' and not starts_with(account_id, 'nobody:')
),

events as materialized (
    select account_id, 'self-service' as path, 1 as position, occurred_at from stage_event where stage = 'signed_up'
    union all
    select account_id, 'self-service', 2, occurred_at from stage_event where stage = 'first_success'
    union all
    select account_id, 'self-service', 3, occurred_at from stage_event where stage = 'integrated'
    union all
    select account_id, 'self-service', 4, ordered_at from own_order
    union all
    select account_id, 'self-service', 5, occurred_at from stage_event where stage = 'paying'
    union all
    select account_id, 'sales-led', list_position(['commercial_contact', 'procurement', 'contracted'], stage), occurred_at from sales_event
    union all
    select account_id, 'sales-led', 4, occurred_at from stage_event where stage = 'paying'
),

known as (
    select events.*
    from events
    join accounts using (account_id)
    where events.occurred_at <= (select as_of from snapshot_info)
),

walked as (
    select account_id, path, position, min(occurred_at) as reached_at
    from known
    where position = 1
    group by account_id, path, position

    union all

    select known.account_id, known.path, known.position, min(known.occurred_at)
    from walked
    join known on known.account_id = walked.account_id
        and known.path = walked.path
        and known.position = walked.position + 1
        and known.occurred_at >= walked.reached_at
    group by known.account_id, known.path, known.position
)

select walked.account_id, accounts.tier, walked.path, cast(walked.position as integer) as position, path_of.step, walked.reached_at
from walked
join accounts using (account_id)
join path_of using (path, position)
