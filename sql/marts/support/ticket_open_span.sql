-- One row per ticket and span of time in which it was not solved; one that is not solved today has no end (the year 9999).
-- Where the ticket's status today and its history differ, the status decides about the last span. A solved ticket without a history has none.

with spans as (
    select
        *,
        row_number() over (partition by source, ticket_id order by since desc, until desc, status) = 1 as is_last
    from ticket_status
),

judged as (
    select
        ticket_account.source,
        ticket_account.ticket_id,
        ticket_account.account_id,
        case when spans.ticket_id is null then coalesce(ticket_account.created_at, timestamp '0001-01-01') else spans.since end as since,
        case when coalesce(spans.is_last, true) then timestamp '9999-12-31' else spans.until end as until,
        case when coalesce(spans.is_last, true) then ticket_account.status in ('solved', 'closed') else spans.is_solved end as is_solved
    from ticket_account
    left join spans on spans.source = ticket_account.source and spans.ticket_id = ticket_account.ticket_id
)

select source, ticket_id, account_id, since, until
from judged
where not coalesce(is_solved, false) and since < until
