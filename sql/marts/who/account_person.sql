-- One row per account, person and role: who is around it, as what, by which evidence, and when last seen so.
-- Roles are developer, evaluator, economic_buyer, billing_contact, procurement, security, legal, support; null where a CRM names a person
-- without one. A role is what a source says or what the person did: whoever receives the bill is a billing contact and no buyer for that.

with developers as (
    select
        developer.node,
        developer_account.account_id,
        developer.name,
        developer.email,
        developer.source,
        developer.created_at,
        calls.last_at
    from developer
    join developer_account using (node)
    left join (
        select caller_account.developer_node, max(usage_day.last_at) as last_at
        from usage_day
        join caller_account using (caller_id)
        where usage_day.surface = 'api'
        group by caller_account.developer_node
    ) as calls on calls.developer_node = developer.node
),

named as (
    select node, source, coalesce(signed_at, created_at) as said_at, unnest(people) as person
    from contract
),

tickets as (
    select
        ticket.source,
        ticket.requester_id,
        ticket.subject,
        ticket.created_at,
        unnest(list_filter(
            [
                case when ticket_topic.is_security and not ticket_topic.is_legal then 'security' end,
                case when ticket_topic.is_legal then 'legal' end,
                case when ticket_topic.is_billing then 'billing_contact' end,
                case when ticket_topic.is_procurement then 'procurement' end,
                case when not (ticket_topic.is_security or ticket_topic.is_legal or ticket_topic.is_billing or ticket_topic.is_procurement)
                    then 'support' end
            ],
            lambda role: role is not null
        )) as role
    from ticket
    join ticket_topic on ticket_topic.source = ticket.source and ticket_topic.ticket_id = ticket.id
),

asked as (
    select source, requester_id, role, count(*) as tickets, arg_max(subject, (created_at, subject)) as subject,
        min(created_at) as first_at, max(created_at) as last_at
    from tickets
    group by source, requester_id, role
),

sayings as (
    select account_id, node, name, email, null as title, 'developer' as role, source,
        if(last_at is null, 'signed up', 'signed up and calls') as evidence, created_at as first_at, greatest(created_at, last_at) as last_at
    from developers

    union all

    select contract_state.account_id, 'person:' || lower(coalesce(nullif(trim(named.person.email), ''), named.node || '/' || named.person.name)),
        named.person.name, named.person.email, null, named.person.role, named.source, 'named in the contract', named.said_at, named.said_at
    from named
    join contract_state using (node)
    where coalesce(nullif(trim(named.person.email), ''), named.person.name) is not null

    union all

    select account_member.account_id, contact.node, contact.name, contact.email, contact.title,
        coalesce(
            contact.role,
            case
                when regexp_matches(lower(contact.title), '\b(procurement|purchasing|sourcing)\b') then 'procurement'
                when regexp_matches(lower(contact.title), '\b(security|ciso|infosec)\b') then 'security'
                when regexp_matches(lower(contact.title), '\b(legal|counsel|lawyer)\b') then 'legal'
            end
        ),
        contact.source,
        case
            when contact.role is not null then 'the CRM says so'
            when contact.title is not null then 'title in the CRM: ' || contact.title
            else 'listed in the CRM'
        end,
        contact.created_at,
        contact.created_at
    from contact
    join account_member using (node)

    union all

    select account_member.account_id, support_user.node, support_user.name, support_user.email, null, asked.role, support_user.source,
        'asked: ' || coalesce(asked.subject, 'a ticket without a subject') || if(asked.tickets > 1, ' (' || asked.tickets || ' tickets)', ''),
        asked.first_at, asked.last_at
    from asked
    join support_user on support_user.source = asked.source and support_user.id = asked.requester_id
    join account_member on account_member.node = support_user.node

    union all

    select customer_account.account_id, billing_customer.node, if(account_cluster.kind = 'developer', billing_customer.name, null),
        billing_customer.email, null, 'billing_contact', billing_customer.source, 'the bill goes to this address',
        billing_customer.created_at, bills.last_at
    from billing_customer
    join customer_account using (node)
    join account_cluster using (account_id)
    left join (select source, customer_id, max(created_at) as last_at from invoice group by source, customer_id) as bills
        on bills.source = billing_customer.source and bills.customer_id = billing_customer.id
    where billing_customer.email is not null

    union all

    -- somebody who stands alone and pays buys for nobody else
    select account_payer.account_id, developers.node, developers.name, developers.email, null, 'economic_buyer', developers.source,
        'pays for own use', developers.created_at, cast(account_payer.since as timestamp)
    from account_payer
    join account_cluster using (account_id)
    join developers using (account_id)
    where account_cluster.kind = 'developer'
),

persons as (
    select
        sayings.*,
        coalesce(domain_of.mailbox, lower(trim(sayings.email)), sayings.node) as person,
        case
            when role is null then null
            when role in ('developer', 'evaluator', 'economic_buyer', 'billing_contact', 'procurement', 'security', 'legal', 'support') then role
            when regexp_matches(lower(role), '\b(economic|buyer|budget|decision)') then 'economic_buyer'
            when regexp_matches(lower(role), '\b(billing|finance|accounts? payable|accounting)') then 'billing_contact'
            when regexp_matches(lower(role), '\b(procurement|purchas)') then 'procurement'
            when regexp_matches(lower(role), '\b(security|infosec)') then 'security'
            when regexp_matches(lower(role), '\b(legal|counsel)') then 'legal'
            when regexp_matches(lower(role), '\b(evaluat|champion|technical)') then 'evaluator'
            when regexp_matches(lower(role), '\b(develop|engineer)') then 'developer'
            when regexp_matches(lower(role), '\b(support)') then 'support'
        end as known_role
    from sayings
    left join domain_of on domain_of.email_or_host = lower(trim(sayings.email))
)

select
    account_id,
    person,
    known_role as role,
    arg_max(name, (last_at is not null, last_at, name)) filter (where name is not null) as name,
    min(lower(trim(email))) as email,
    max(title) as title,
    string_agg(distinct source, ', ' order by source) as source,
    string_agg(distinct evidence, '; ' order by evidence) as evidence,
    min(coalesce(first_at, last_at)) as first_seen_at,
    max(coalesce(last_at, first_at)) as last_seen_at
from persons
group by account_id, person, known_role
