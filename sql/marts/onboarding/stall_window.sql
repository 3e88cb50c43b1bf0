-- One row per account and moment of stall_moment: its last sign of life by then (a call, a visit, a ticket of theirs or a word of theirs in
-- one; the last day of the window) and what it had called by then. A day counts from its first call on, its successes from the first one on,
-- so that no success is seen before it came.

with points as (
    select distinct account_id, moment
    from stall_moment
),

called as (
    select
        points.account_id,
        points.moment,
        max(onboarding_day.day) as last_call_on,
        sum(onboarding_day.calls) - coalesce(sum(onboarding_day.ok) filter (where onboarding_day.first_ok_at > points.moment), 0) as calls_ever,
        sum(onboarding_day.ok) filter (where onboarding_day.first_ok_at <= points.moment) as ok_ever,
        max(onboarding_day.day) filter (where onboarding_day.first_ok_at <= points.moment) as last_ok_on
    from points
    join onboarding_day on onboarding_day.account_id = points.account_id and onboarding_day.first_at <= points.moment
    group by points.account_id, points.moment
),

signs as (
    select account_id, occurred_at
    from portal_account

    union all

    select account_id, created_at
    from ticket_account
    where created_at is not null

    union all

    select ticket_account.account_id, ticket_event.occurred_at
    from ticket_event
    join ticket_account on ticket_account.source = ticket_event.source and ticket_account.ticket_id = ticket_event.ticket_id
    where ticket_event.kind = 'public_reply' and ticket_event.author_role = 'end-user'
),

seen as (
    select points.account_id, points.moment, cast(max(signs.occurred_at) as date) as last_sign_on
    from points
    join signs on signs.account_id = points.account_id and signs.occurred_at <= points.moment
    group by points.account_id, points.moment
)

select
    points.account_id,
    points.moment,
    greatest(called.last_call_on, seen.last_sign_on) as last_seen,
    greatest(called.last_call_on, seen.last_sign_on) - (select reason_days from setting) as after_day,
    called.last_call_on,
    called.last_ok_on,
    cast(coalesce(called.calls_ever, 0) as bigint) as calls_ever,
    cast(coalesce(called.ok_ever, 0) as bigint) as ok_ever
from points
left join called using (account_id, moment)
left join seen using (account_id, moment)
