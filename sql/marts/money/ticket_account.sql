-- One row per ticket: the account that asked; by its requester, else by the organization the desk has put on it, else nobody.

select
    ticket.source,
    ticket.id as ticket_id,
    cast(ticket.created_at as date) as day,
    ticket.created_at,
    ticket.updated_at,
    ticket.subject,
    ticket.status,
    ticket.priority,
    ticket.tags,
    ticket.form,
    coalesce(person.account_id, company.account_id, 'nobody:public') as account_id
from ticket
left join support_account as person on person.kind = 'support_user' and person.source = ticket.source and person.id = ticket.requester_id
left join support_account as company on company.kind = 'support_organization' and company.source = ticket.source
    and company.id = ticket.organization_id
