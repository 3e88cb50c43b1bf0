-- One row per account, path and step of it that the account has reached, in order: each at its first event on or after the step before. An
-- account may be on both paths; which it is on decides nothing beforehand, so that no path looks better for those that left it.
-- self-service: signed up, first success, integrated, ordered by itself, paying; sales-led: contact, procurement, contracted, paying.

with accounts as (
    select account_id, tier
    from account_tier_now
    where tier <> 'internal' and not starts_with(account_id, 'nobody:')
),

signed as (
    select account_id, occurred_at
    from stage_event
    where stage = 'contracted' and event = 'contract signed'
),

-- an order or a bill passes several stages at once: on the sales-led path it is none of them
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
    select account_id, 'sales-led', 1, occurred_at
    from stage_event
    where stage = 'commercial_contact' and event not in ('self-service order', 'invoice paid')
    union all
    select account_id, 'sales-led', 2, occurred_at
    from stage_event
    where stage = 'procurement' and event not in ('self-service order', 'invoice paid')
    union all
    select account_id, 'sales-led', 3, occurred_at from signed
    union all
    select account_id, 'sales-led', 4, occurred_at from stage_event where stage = 'paying'
),

known as (
    select events.*
    from events
    join accounts using (account_id)
    where events.occurred_at <= (select as_of from snapshot_info)
),

first as (
    select account_id, path, min(occurred_at) as reached_at from known where position = 1 group by account_id, path
),

second as (
    select first.account_id, first.path, min(known.occurred_at) as reached_at
    from first
    join known on known.account_id = first.account_id and known.path = first.path and known.position = 2 and known.occurred_at >= first.reached_at
    group by first.account_id, first.path
),

third as (
    select second.account_id, second.path, min(known.occurred_at) as reached_at
    from second
    join known on known.account_id = second.account_id and known.path = second.path and known.position = 3 and known.occurred_at >= second.reached_at
    group by second.account_id, second.path
),

fourth as (
    select third.account_id, third.path, min(known.occurred_at) as reached_at
    from third
    join known on known.account_id = third.account_id and known.path = third.path and known.position = 4 and known.occurred_at >= third.reached_at
    group by third.account_id, third.path
),

fifth as (
    select fourth.account_id, fourth.path, min(known.occurred_at) as reached_at
    from fourth
    join known on known.account_id = fourth.account_id and known.path = fourth.path and known.position = 5 and known.occurred_at >= fourth.reached_at
    group by fourth.account_id, fourth.path
),

reached as (
    select *, 1 as position from first
    union all
    select *, 2 from second
    union all
    select *, 3 from third
    union all
    select *, 4 from fourth
    union all
    select *, 5 from fifth
)

select reached.account_id, accounts.tier, reached.path, cast(reached.position as integer) as position, path_of.step, reached.reached_at
from reached
join accounts using (account_id)
join path_of using (path, position)
