-- One row per account and dated step that it took with us, with the number of days after which that step was known to be the account's: people who
-- signed up, keys, visits of the portal, questions, talks about a contract. Steps of its first thirty days only; what has no date is none, save the record
-- that it began with.

with records as (
    select
        triage_member.account_id,
        triage_member.node,
        identity_node.kind,
        triage_member.joined_at,
        identity_node.domain,
        identity_node.linkable,
        domain_of.why,
        identity_node.name,
        if(lower(trim(identity_node.organization_name)) <> lower(trim(identity_node.name)), nullif(trim(identity_node.organization_name), ''), null)
            as company
    from triage_member
    join identity_node using (node)
    left join domain_of on domain_of.email_or_host = identity_node.email
    where triage_member.is_dated or triage_member.is_first
),

steps as (
    select account_id, 'developer' as step, joined_at as known_at, if(linkable, domain, null) as detail from records where kind = 'developer'

    union all

    select account_id, 'company named', joined_at, company from records where kind = 'developer' and company is not null

    union all

    select account_id, 'disposable mail', joined_at, domain from records where kind = 'developer' and why = 'disposable mail'

    union all

    select account_id, 'verified', greatest(joined_at, developer.verified_at), null
    from records
    join developer using (node)
    where developer.verified_at is not null

    union all

    select account_id, kind, joined_at, null from records where kind in ('application', 'credential')

    union all

    select account_id, 'talk', joined_at, kind from records where kind in ('contract', 'opportunity')

    union all

    select triage_member.account_id, portal.kind, greatest(triage_member.joined_at, portal.occurred_at), null
    from (
        select raw_portal_event.kind, raw_portal_event.occurred_at, min(developer.node) as node
        from portal_event as raw_portal_event
        join developer on developer.id = raw_portal_event.developer_ref
        where raw_portal_event.kind in ('docs_read', 'pricing_read') or raw_portal_event.kind like 'contact%' or raw_portal_event.kind like 'quote%'
        group by raw_portal_event.source, raw_portal_event.id, raw_portal_event.kind, raw_portal_event.occurred_at
        having count(*) = 1
    ) as portal
    join triage_member using (node)
    where portal.occurred_at is not null

    union all

    select
        triage_member.account_id,
        case
            when ticket_topic.is_commercial then 'asked for a price'
            when ticket_topic.is_security or ticket_topic.is_legal or ticket_topic.is_procurement then 'asked for terms'
            else 'ticket'
        end,
        greatest(triage_member.joined_at, ticket.created_at),
        null
    from ticket
    join ticket_topic on ticket_topic.source = ticket.source and ticket_topic.ticket_id = ticket.id
    join triage_member on triage_member.node = 'support_user:' || ticket.source || ':' || ticket.requester_id
    where ticket.created_at is not null
)

select
    steps.account_id,
    steps.step,
    greatest(0, date_diff('day', triage_account.entered_on, cast(steps.known_at as date))) as known_after,
    steps.detail
from steps
join triage_account using (account_id)
where steps.known_at < triage_account.entered_on + interval 30 day
