-- One row per dated step in the portal that somebody took whom we know, with the account. A sheet names people by an id alone: one that means
-- several accounts in several sources is nobody's.

with developers as (
    select developer_id as id, min(account_id) as account_id
    from developer_account
    group by developer_id
    having count(distinct account_id) = 1
),

applications as (
    select application_id as id, min(account_id) as account_id
    from application_account
    group by application_id
    having count(distinct account_id) = 1
),

organizations as (
    select id, min(account_id) as account_id
    from account_member
    where kind = 'organization'
    group by id
    having count(distinct account_id) = 1
)

select
    coalesce(developers.account_id, applications.account_id, organizations.account_id) as account_id,
    portal_event.kind,
    portal_event.channel,
    portal_event.occurred_at,
    portal_event.source,
    portal_event.id
from portal_event
left join developers on developers.id = portal_event.developer_ref
left join applications on applications.id = portal_event.application_ref
left join organizations on organizations.id = portal_event.organization_ref
where coalesce(developers.account_id, applications.account_id, organizations.account_id) is not null
