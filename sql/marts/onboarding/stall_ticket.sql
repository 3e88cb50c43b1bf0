-- One row per account and moment of stall_moment at which a ticket of it was not solved: how many, the oldest, and the oldest in which a
-- promised reply had come late or was missing. That a solution takes longer than promised is what being open means.

with broken as (
    select
        breach.source,
        breach.ticket_id,
        breach.occurred_at as breached_at,
        min(kept.occurred_at) as replied_at
    from ticket_event as breach
    left join ticket_event as kept on kept.source = breach.source
        and kept.ticket_id = breach.ticket_id
        and kept.kind = 'sla_fulfilled'
        and kept.metric = breach.metric
        and coalesce(kept.instance, 1) = coalesce(breach.instance, 1)
        and kept.occurred_at >= breach.occurred_at
    where breach.kind = 'sla_breached' and (
        breach.metric is null
        or breach.metric like '%reply%'
        or breach.metric like '%response%'
        or breach.metric like '%update%'
    )
    group by breach.source, breach.ticket_id, breach.metric, breach.instance, breach.occurred_at
),

points as (
    select account_id, moment
    from stall_window
),

standing as (
    select
        points.account_id,
        points.moment,
        ticket_account.source,
        ticket_account.ticket_id,
        ticket_account.subject,
        ticket_account.created_at
    from points
    join ticket_open_span on ticket_open_span.account_id = points.account_id
        and ticket_open_span.since <= points.moment
        and ticket_open_span.until > points.moment
    join ticket_account on ticket_account.source = ticket_open_span.source and ticket_account.ticket_id = ticket_open_span.ticket_id
),

late as (
    select
        standing.account_id,
        standing.moment,
        standing.source,
        standing.ticket_id,
        max(broken.breached_at) as breached_at,
        arg_max(broken.replied_at, (broken.breached_at, coalesce(broken.replied_at, timestamp '9999-12-31'))) as replied_at
    from standing
    join broken on broken.source = standing.source and broken.ticket_id = standing.ticket_id and broken.breached_at <= standing.moment
    group by standing.account_id, standing.moment, standing.source, standing.ticket_id
),

ordered as (
    select
        standing.*,
        (coalesce(standing.created_at, timestamp '0001-01-01'), length(standing.ticket_id), standing.ticket_id, standing.source) as place,
        ticket_topic.topic,
        late.breached_at,
        late.replied_at <= standing.moment as has_reply,
        date_diff('minute', late.breached_at, least(coalesce(late.replied_at, standing.moment), standing.moment)) as late_by
    from standing
    left join ticket_topic on ticket_topic.source = standing.source and ticket_topic.ticket_id = standing.ticket_id
    left join late on late.account_id = standing.account_id
        and late.moment = standing.moment
        and late.source = standing.source
        and late.ticket_id = standing.ticket_id
)

select
    account_id,
    moment,
    count(*) as open_tickets,
    arg_min(ticket_id, place) as ticket_id,
    arg_min(subject, place) filter (where is_oldest) as ticket_subject,
    arg_min(topic, place) filter (where is_oldest) as ticket_topic,
    arg_min(created_at, place) filter (where is_oldest) as ticket_at,
    count(breached_at) as late_tickets,
    arg_min(ticket_id, place) filter (where is_oldest_late) as late_ticket_id,
    arg_min(subject, place) filter (where is_oldest_late) as late_ticket_subject,
    arg_min(created_at, place) filter (where is_oldest_late) as late_ticket_at,
    arg_min(late_by, place) filter (where is_oldest_late) as late_by,
    arg_min(if(coalesce(has_reply, false), 'came', 'is'), place) filter (where is_oldest_late) as late_word
from (
    select
        *,
        row_number() over (partition by account_id, moment order by place) = 1 as is_oldest,
        breached_at is not null and row_number() over (partition by account_id, moment, breached_at is not null order by place) = 1
            as is_oldest_late
    from ordered
)
group by account_id, moment
