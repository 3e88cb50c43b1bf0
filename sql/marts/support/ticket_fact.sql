-- One row per ticket: whose it is, in the tier of the day on which it was opened, how long it took, and what it cost. Times in minutes,
-- calendar and business; null where it has not come to that or nobody tells. A deleted ticket has none.

with minutes as (
    select
        source,
        ticket_id,
        max(minutes) filter (where what = 'first_reply') as first_reply_minutes,
        max(business_minutes) filter (where what = 'first_reply') as first_reply_business_minutes,
        max(minutes) filter (where what = 'resolution') as resolution_minutes,
        max(business_minutes) filter (where what = 'resolution') as resolution_business_minutes,
        max(minutes) filter (where what = 'requester_wait') as wait_minutes,
        max(business_minutes) filter (where what = 'requester_wait') as wait_business_minutes,
        count(*) filter (where what = 'requester_wait') > 0 as has_waited
    from ticket_minutes
    group by source, ticket_id
),

handled as (
    select
        source,
        ticket_id,
        sum(minutes) as minutes,
        case when count(*) = count(cost_micros) then cast(sum(cost_micros) as bigint) end as cost_micros
    from support_day
    group by source, ticket_id
),

told as (
    select distinct source, ticket_id
    from ticket_status
)

select
    ticket_account.source,
    ticket_account.ticket_id,
    ticket_account.account_id,
    coalesce(account_tier.tier, 'public') as tier,
    ticket.group_id,
    coalesce(support_group.name, ticket.group_id) as group_name,
    ticket_account.day,
    ticket_account.created_at,
    ticket_account.subject,
    ticket_account.status,
    ticket_account.priority,
    not ticket_moment.is_solved as is_open,
    ticket_moment.is_solved,
    ticket_moment.opened_by_agent,
    ticket_moment.first_public_reply_at,
    minutes.first_reply_minutes,
    minutes.first_reply_business_minutes,
    ticket_moment.public_replies,
    ticket_moment.first_solved_at,
    ticket_moment.last_solved_at,
    minutes.resolution_minutes,
    minutes.resolution_business_minutes,
    case when minutes.has_waited then minutes.wait_minutes when told.ticket_id is not null then 0 end as wait_minutes,
    case when minutes.has_waited then minutes.wait_business_minutes when told.ticket_id is not null then 0 end as wait_business_minutes,
    ticket_moment.is_solved and ticket_moment.public_replies = 1 as one_touch,
    ticket_moment.reopened,
    coalesce(handled.minutes, 0) as handling_minutes,
    case when handled.ticket_id is null then 0 else handled.cost_micros end as cost_micros
from ticket_account
join ticket on ticket.source = ticket_account.source and ticket.id = ticket_account.ticket_id
join ticket_moment on ticket_moment.source = ticket_account.source and ticket_moment.ticket_id = ticket_account.ticket_id
left join support_group on support_group.source = ticket.source and support_group.id = ticket.group_id
left join account_tier on account_tier.account_id = ticket_account.account_id
    and ticket_account.day >= account_tier.covers_from and ticket_account.day < account_tier.covers_to
left join minutes on minutes.source = ticket_account.source and minutes.ticket_id = ticket_account.ticket_id
left join handled on handled.source = ticket_account.source and handled.ticket_id = ticket_account.ticket_id
left join told on told.source = ticket_account.source and told.ticket_id = ticket_account.ticket_id
