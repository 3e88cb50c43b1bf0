-- metric: feature_requests
-- label: Features asked for in tickets
-- question: What do they ask us for in words?
-- unit: tickets
-- grain: one row a subject
-- good: -
-- definition: Tickets opened in the period whose topic is a feature request (ticket_topics.toml), tickets of the same subject together, ranked by
--   the distinct accounts that pay, then all. Only the subject is read, so that a wish which it does not name is missed.
-- column subject: what it says
-- column tickets: tickets
-- column paying_accounts: distinct accounts that have paid a bill; null without a billing source
-- column accounts: distinct accounts that asked
-- column open: of the tickets, those not solved yet
-- column last_asked: the latest
-- column account_id: the account of the latest that has one
-- column name: what it is called

select
    min(ticket_account.subject) as subject,
    count(*) as tickets,
    case when any_value(money_known.has_billing) then count(distinct account.account_id) filter (where account.is_payer) end as paying_accounts,
    count(distinct account.account_id) filter (where account.kind <> 'nobody') as accounts,
    count(*) filter (where ticket_account.status not in ('solved', 'closed')) as open,
    max(ticket_account.created_at) as last_asked,
    arg_max(account.account_id, ticket_account.created_at) filter (where account.kind <> 'nobody') as account_id,
    arg_max(account.name, ticket_account.created_at) filter (where account.kind <> 'nobody') as name
from ticket_account
join ticket_topic on ticket_topic.source = ticket_account.source and ticket_topic.ticket_id = ticket_account.ticket_id
join account on account.account_id = ticket_account.account_id
cross join money_known
where list_contains(ticket_topic.topics, 'feature_request')
    and ($tier is null or account.tier = $tier)
    and ($date_from is null or ticket_account.day >= cast($date_from as date))
    and ($date_to is null or ticket_account.day < cast($date_to as date))
group by lower(trim(ticket_account.subject))
order by paying_accounts desc nulls last, accounts desc, tickets desc, subject
