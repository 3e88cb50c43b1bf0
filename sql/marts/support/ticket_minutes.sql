-- One row per ticket and what was waited for: first_reply, resolution (to the last solve), requester_wait (new, open or on hold; to
-- now where it still waits), in calendar minutes and in minutes of the schedule that held at the time; null where that is not known.

with wanted as (
    select source, ticket_id, 'first_reply' as what, created_at as since, first_public_reply_at as until
    from ticket_moment
    where first_public_reply_at is not null
    union all
    select source, ticket_id, 'resolution', created_at, last_solved_at
    from ticket_moment
    where is_solved and last_solved_at is not null and created_at is not null
    union all
    select source, ticket_id, 'requester_wait', since, until
    from ticket_status
    where status in ('new', 'open', 'hold')
),

calendar as (
    select source, ticket_id, what, sum(date_diff('second', since, until)) / 60 as minutes
    from wanted
    group by source, ticket_id, what
),

pieces as (
    select
        wanted.source,
        wanted.ticket_id,
        wanted.what,
        ticket_schedule.schedule_id,
        greatest(wanted.since, ticket_schedule.since) as since,
        least(wanted.until, ticket_schedule.until) as until
    from wanted
    join ticket_schedule on ticket_schedule.source = wanted.source and ticket_schedule.ticket_id = wanted.ticket_id
        and (ticket_schedule.since < wanted.until or ticket_schedule.since <= wanted.since) and ticket_schedule.until > wanted.since
),

business as (
    select
        pieces.source,
        pieces.ticket_id,
        pieces.what,
        count(*) = count(at_since.starts_at) as is_known,
        sum(
            at_until.minutes_before - at_since.minutes_before
            + date_diff('second', at_until.starts_at, least(pieces.until, at_until.ends_at)) / 60
            - date_diff('second', at_since.starts_at, least(pieces.since, at_since.ends_at)) / 60
        ) as minutes
    from pieces
    asof left join business_span as at_since
        on at_since.source = pieces.source and at_since.schedule_id = pieces.schedule_id and pieces.since >= at_since.starts_at
    asof left join business_span as at_until
        on at_until.source = pieces.source and at_until.schedule_id = pieces.schedule_id and pieces.until >= at_until.starts_at
    group by pieces.source, pieces.ticket_id, pieces.what
)

select
    calendar.source,
    calendar.ticket_id,
    calendar.what,
    calendar.minutes,
    case when business.is_known then business.minutes end as business_minutes
from calendar
left join business using (source, ticket_id, what)
