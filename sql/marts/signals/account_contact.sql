-- One row per account that one of ours was in touch with: when last, and how. A person's word on the Stalled page, a public reply to a ticket, an
-- activity of outreach that names the organization, a sale that was begun, a contract that was signed. Mail and calls that nobody wrote down are unknown.

with contacts as (
    select account_id, contacted_at as moment, 'contacted, as the Stalled page says' as how
    from account_move
    where contacted_at is not null

    union all

    select ticket_account.account_id, ticket_event.occurred_at, 'replied to a ticket'
    from ticket_event
    join ticket_account on ticket_account.source = ticket_event.source and ticket_account.ticket_id = ticket_event.ticket_id
    where ticket_event.kind = 'public_reply' and ticket_event.author_role = 'agent'

    union all

    select account_member.account_id, outreach_activity.occurred_at, coalesce('outreach: ' || outreach_activity.title, 'outreach')
    from outreach_activity
    join account_member on account_member.kind = 'organization' and account_member.id = outreach_activity.organization_ref

    union all

    select account_member.account_id, opportunity.created_at, 'a sale was begun'
    from opportunity
    join account_member using (node)

    union all

    select account_member.account_id, contract.signed_at, 'a contract was signed'
    from contract
    join account_member using (node)
)

select account_id, max(moment) as last_contact_at, arg_max(how, (moment, how)) as last_contact
from contacts
where moment is not null and moment <= (select as_of from snapshot_info) and not starts_with(account_id, 'nobody:')
group by account_id
