-- One row per account of enterprise_account and item of readiness: how far it is, since when, whose move, and what shows it. What a person
-- said comes first, then a step of procurement, the contract, what was done for the account, and its tickets.
-- `not_begun` needs a negotiation whose steps are written down; where nobody tells it is `not_known`, and only a person says `not_needed`.

with today as (
    select as_of from snapshot_info
),

items as (
    select *
    from (
        values
            (1, 'security', 'Security documents'),
            (2, 'legal', 'Legal review'),
            (3, 'sla', 'SLA agreed'),
            (4, 'support_tier', 'Support tier'),
            (5, 'case_study', 'Peer case study'),
            (6, 'integration', 'Integration help'),
            (7, 'decision_maker', 'Decision maker met')
    ) as items (position, item, label)
),

steps as (
    select
        account_id,
        case kind when 'decision' then 'decision_maker' when 'support' then 'support_tier' else kind end as item,
        if(is_open, 'waiting', 'done') as state,
        if(is_open, since, done_at) as dated_at,
        if(is_open, whose_move, null) as whose_move,
        replace(step, '_', ' ') || if(is_open, coalesce(' waits for ' || waiting_for, ' is open'), ' done') as evidence,
        if(is_open, 1, 2) as rank
    from procurement_step
    where (is_open or done_at is not null) and kind not in ('procurement', 'signature', 'other')
),

-- the contract that says most today: one in force, else the newest that is negotiated
contracts as (
    select contract_state.account_id, contract_state.state, contract.*
    from contract_state
    join contract using (node)
    where contract.terms is distinct from 'self_serve' and contract.application_ref is null and contract_state.state <> 'ended'
        and coalesce(contract.status, '') not in ('lost', 'rejected')
    qualify row_number() over (
        partition by contract_state.account_id
        order by contract_state.state = 'in force' desc, coalesce(contract.signed_at, contract.created_at) desc nulls last, contract.node
    ) = 1
),

agreed as (
    select account_id, 'sla' as item, state, coalesce(signed_at, starts_at) as signed_at, created_at,
        'the contract promises ' || array_to_string(list_transform(json_keys(sla), lambda key: replace(key, '_', ' ')), ', ') as evidence
    from contracts
    where json_type(sla) = 'OBJECT' and len(json_keys(sla)) > 0

    union all

    select account_id, 'support_tier', state, coalesce(signed_at, starts_at), created_at, 'the contract names ' || support_plan
    from contracts
    where support_plan is not null
),

outreach as (
    select account_member.account_id, outreach_activity.title, outreach_activity.occurred_at, lower(coalesce(outreach_activity.title, '')) as words,
        in_force.since
    from outreach_activity
    join account_member on account_member.kind = 'organization' and account_member.id = outreach_activity.organization_ref
    left join (select account_id, min(since) as since from contract_state where state = 'in force' group by account_id) as in_force
        on in_force.account_id = account_member.account_id
    where outreach_activity.occurred_at <= (select as_of from today)
),

-- a case study that comes after an account's own contract is about it and not for it
helped as (
    select account_id, 'case_study' as item, title, occurred_at
    from outreach
    where regexp_matches(words, '\b(case stud\w*|reference (call|customer)s?|success stor\w*)\b')
        and cast(occurred_at as date) < coalesce(since, date '9999-12-31')
    union all
    select account_id, 'integration', title, occurred_at
    from outreach
    where regexp_matches(words, '\b(integration|workshop|pairing|design review|office hours|architecture|proof of concept|pilot)\b')
    union all
    select account_id, 'decision_maker', title, occurred_at
    from outreach
    where regexp_matches(words, '\b(executive|decision|sponsor|business review|board)\b')
),

asked as (
    select ticket_fact.account_id, unnest(list_filter(['security', 'legal'], lambda one: if(one = 'security', is_security, is_legal))) as item,
        ticket_fact.is_open, ticket_fact.created_at, ticket_fact.last_solved_at, ticket_fact.subject, ticket_fact.ticket_id
    from ticket_fact
    join ticket_topic using (source, ticket_id)
    where ticket_topic.is_security or ticket_topic.is_legal
),

buyers as (
    select account_id, string_agg(coalesce(name, email), ', ' order by coalesce(name, email)) as names
    from account_person
    where role = 'economic_buyer' and coalesce(name, email) is not null
    group by account_id
),

said as (
    select coalesce(account_alias.account_id, readiness_decision.said_of) as account_id, readiness_decision.*
    from readiness_decision
    left join account_alias on account_alias.alias_id = readiness_decision.said_of
    where readiness_decision.item <> 'sales_path'
    qualify row_number() over (
        partition by coalesce(account_alias.account_id, readiness_decision.said_of), readiness_decision.item
        order by readiness_decision.decided_at desc, readiness_decision.id desc
    ) = 1
),

told as (
    select account_id, item, state, cast(on_day as timestamp) as dated_at, cast(null as varchar) as whose_move, owner,
        author || ' said so ' || strftime(decided_at, '%-d %b %Y') || coalesce(': ' || reason, '') as evidence, 0 as rank
    from said

    union all

    select account_id, item, state, dated_at, whose_move, null, evidence, rank from steps

    union all

    select account_id, item, if(state in ('in force', 'not begun'), 'done', 'waiting'), if(state in ('in force', 'not begun'), signed_at, created_at), null, null,
        evidence || if(state in ('in force', 'not begun'), '', ', not signed yet'), 3
    from agreed

    union all

    select account_id, item, 'done', max(occurred_at), null, null, '"' || coalesce(arg_max(title, (occurred_at, title)), 'outreach') || '"', 4
    from helped
    group by account_id, item

    union all

    select account_id, item, 'waiting', min(created_at), 'us', null,
        'ticket "' || coalesce(arg_min(subject, (created_at, ticket_id)), 'no subject') || '" is open', 5
    from asked
    where is_open
    group by account_id, item

    union all

    select account_id, item, 'done', max(last_solved_at), null, null,
        'ticket "' || coalesce(arg_max(subject, (last_solved_at, ticket_id)), 'no subject') || '" solved', 6
    from asked
    where not is_open and last_solved_at is not null
    group by account_id, item
),

first_of as (
    select *
    from told
    qualify row_number() over (
        partition by account_id, item
        -- of open steps the one that has waited longest, of done ones the last
        order by rank, if(rank = 1, epoch(dated_at), - epoch(dated_at)) nulls last, evidence
    ) = 1
)

select
    enterprise_account.account_id,
    enterprise_account.tier,
    items.position,
    items.item,
    items.label,
    coalesce(first_of.state, if(enterprise_account.is_recorded, 'not_begun', 'not_known')) as state,
    first_of.dated_at,
    case when first_of.state = 'waiting' then date_diff('second', first_of.dated_at, today.as_of) / 86400.0 end as days_waiting,
    case when first_of.account_id is null and enterprise_account.is_recorded then 'us' else first_of.whose_move end as whose_move,
    coalesce(first_of.owner, enterprise_account.owner) as owner,
    coalesce(first_of.evidence, '')
        || if(items.item = 'decision_maker' and first_of.account_id is null and buyers.names is not null, 'known: ' || buyers.names || '; no meeting is recorded', '')
        as evidence,
    coalesce(first_of.rank = 0, false) as by_person
from enterprise_account
cross join items
cross join today
left join first_of on first_of.account_id = enterprise_account.account_id and first_of.item = items.item
left join buyers on buyers.account_id = enterprise_account.account_id
