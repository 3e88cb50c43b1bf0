-- metric: support_backlog
-- label: Open tickets
-- question: Who is still waiting, for how long, and was a promise broken?
-- unit: rows
-- grain: one row an open ticket, the oldest first
-- good: down
-- definition: Tickets that are neither solved, closed nor deleted, as of the snapshot, whatever the period. (Some count closed ones as unsolved.)
--   The requester waits while a ticket is new, open or on hold; pending is the requester's own turn.
-- column tier: the account's tier today
-- column group_name: the team that has it
-- column age_days: days since it was opened
-- column waited_minutes: how long the requester has waited for us, in calendar minutes; null where its history is not told
-- column waited_business_minutes: the same in business minutes; null where its schedule is not known
-- column first_reply_minutes: calendar minutes to the first reply; null where nobody has replied
-- column promise: broken, running, kept, or null where none was made
-- column support_cost: what it has cost so far; null without a rate

with promises as (
    select
        source,
        ticket_id,
        case when bool_or(state = 'breached') then 'broken' when bool_or(state = 'running') then 'running' else 'kept' end as promise
    from sla_clock
    group by source, ticket_id
)

select
    ticket_fact.ticket_id,
    ticket_fact.account_id,
    account.name,
    account.tier,
    ticket_fact.subject,
    ticket_fact.status,
    ticket_fact.priority,
    ticket_fact.group_name,
    ticket_fact.created_at,
    round(date_diff('second', ticket_fact.created_at, as_of) / 86400, 1) as age_days,
    round(ticket_fact.wait_minutes, 1) as waited_minutes,
    round(ticket_fact.wait_business_minutes, 1) as waited_business_minutes,
    round(ticket_fact.first_reply_minutes, 1) as first_reply_minutes,
    promises.promise,
    ticket_fact.cost_micros / 1000000 as support_cost
from ticket_fact
cross join snapshot_info
join account using (account_id)
left join promises using (source, ticket_id)
where ticket_fact.is_open and ($tier is null or account.tier = $tier)
order by ticket_fact.created_at nulls last, ticket_fact.source, ticket_fact.ticket_id
