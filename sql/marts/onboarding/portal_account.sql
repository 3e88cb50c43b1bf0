-- One row per dated step in the portal that somebody took whom we know, with the account.

select
    coalesce(developer_account.account_id, application_account.account_id, organization.account_id) as account_id,
    portal_event.kind,
    portal_event.occurred_at,
    portal_event.source,
    portal_event.id
from portal_event
left join developer_account on developer_account.developer_id = portal_event.developer_ref
left join application_account on application_account.application_id = portal_event.application_ref
left join account_member as organization on organization.kind = 'organization' and organization.id = portal_event.organization_ref
where coalesce(developer_account.account_id, application_account.account_id, organization.account_id) is not null
