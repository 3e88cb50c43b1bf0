-- metric: account_timeline
-- label: Timeline
-- question: What happened with this account?
-- unit: rows
-- grain: one row an event, newest first; at most 500
-- good: -
-- definition: Everything dated: stages, first calls, tickets, bills, refunds, disputes, subscriptions, contracts and their steps, portal visits,
--   outreach, the first sight of each person, changes of tier, ladder and bucket, links between records, and what people of ours decided or noted.
-- column occurred_at: when, UTC
-- column kind: stage, call, ticket, money, contract, portal, outreach, person, tier, ladder, bucket, link, decision, owner, move or note
-- column text: what
-- column detail: the rule or evidence behind it, or who said so; null where there is none

with here as (
    select distinct account_id
    from account_alias
    where alias_id = $account
),

members as (
    select account_member.node, account_member.kind, account_member.source, account_member.id
    from account_member
    join here using (account_id)
),

contracts as (
    select contract.* from contract join members using (node)
),

portal as (
    select portal_event.occurred_at, portal_event.kind, portal_event.detail
    from portal_event
    join developer_account on developer_account.developer_id = portal_event.developer_ref
    join here using (account_id)
),

customers as (
    select customer_account.source, customer_account.customer_id
    from customer_account
    join here using (account_id)
),

first_calls as (
    select coalesce(application.name, application.id, 'a credential') as caller, min(firsts.first_call) as first_call, min(firsts.first_ok) as first_ok,
        min(firsts.first_production_ok) as first_production_ok
    from firsts
    join caller_account using (caller_id)
    join here using (account_id)
    left join application on application.node = caller_account.application_node
    group by 1
),

links as (
    select identity_link.linked_at, identity_link.evidence,
        coalesce(left_end.name, identity_link.left_value) as left_name,
        coalesce(right_end.name, identity_link.right_value) as right_name
    from identity_link
    join members on members.node = identity_link.left_node
    left join identity_node as left_end on left_end.node = identity_link.left_node
    left join identity_node as right_end on right_end.node = identity_link.right_node
    where identity_link.accepted
),

decisions as (
    select distinct decided.id, decided.decided_at, decided.undone_at, decided.author, decided.reason,
        case decided.action
            when 'confirm' then 'said that two records belong together'
            when 'reject' then 'said that two records do not belong together'
            when 'merge' then 'joined two organizations'
            when 'split' then 'parted one record from another'
            when 'rename' then 'gave the name ' || coalesce(decided.value, '?')
            when 'set_domain' then 'gave the domain ' || coalesce(decided.value, '?')
            when 'mark_internal' then 'said that it is one of our own teams'
            else decided.action
        end as text
    from raw_identity_decision as decided
    join members on members.node in (
        concat_ws(':', decided.left_kind, nullif(decided.left_source, ''), decided.left_id),
        concat_ws(':', decided.right_kind, nullif(decided.right_source, ''), decided.right_id)
    )
),

said as (
    select coalesce(account_alias.account_id, judged.account_id) as account_id, judged.decided_at, judged.undone_at, judged.author, judged.kind,
        judged.text, judged.reason
    from (
        select account_id, decided_at, undone_at, author, 'note' as kind, text, null as reason from raw_account_note
        union all
        select account_id, decided_at, undone_at, author, 'owner', 'owner: ' || owner, reason from raw_account_owner
        union all
        select account_id, decided_at, undone_at, author, 'decision', 'set the tier to ' || tier, reason from raw_tier_override
        union all
        select account_id, decided_at, undone_at, author, 'move',
            concat_ws(', ', replace(status, '_', ' '), given_up_because, next_action, 'due ' || strftime(due_on, '%-d %b %Y')), null
        from raw_account_move
    ) as judged
    left join account_alias on account_alias.alias_id = judged.account_id
),

events as (
    select reached_at as occurred_at, 'stage' as kind, replace(stage, '_', ' ') || ' reached' as text, event as detail
    from account_stage join here using (account_id)
    union all
    select unnest([first_call, first_ok, first_production_ok]), 'call',
        unnest(['first call', 'first success', 'first success in production']) || ' of ' || caller, null
    from first_calls
    union all
    select created_at, 'ticket', coalesce(subject, 'no subject'), status from ticket_account join here using (account_id)
    union all
    select occurred_at, 'money',
        case kind when 'invoice' then 'bill paid' when 'refund' then 'refund' else 'dispute lost' end
            || coalesce(': ' || format('{:,.2f} ', abs(net_micros) / 1000000.0) || upper((select currency from setting)), ''),
        unpriced_reason
    from revenue_event join here using (account_id)
    union all
    select created_at, 'money', 'bill ' || coalesce(number || ' ', '') || 'issued, ' || coalesce(status, 'not paid'), null
    from invoice join customers using (source, customer_id)
    where status is distinct from 'paid'
    union all
    select unnest([started_at, ended_at]), 'money', unnest(['subscription began', 'subscription ended']), status
    from subscription join customers using (source, customer_id)
    union all
    select unnest([contract_step.started_at, contract_step.done_at]), 'contract',
        replace(contract_step.step, '_', ' ') || unnest([' began', ' done']), 'waits for ' || contract_step.waiting_for
    from contract_step join members using (node)
    union all
    select unnest([created_at, signed_at, starts_at, ends_at]), 'contract',
        unnest(['contract drafted', 'contract signed', 'contract begins', 'contract ends']), terms
    from contracts
    union all
    select opportunity.created_at, 'contract', 'sale hoped for', opportunity.stage from opportunity join members using (node)
    union all
    select occurred_at, 'portal', replace(kind, '_', ' '), detail from portal
    union all
    select outreach_activity.occurred_at, 'outreach', coalesce(outreach_activity.title, 'outreach'), outreach_activity.channel
    from outreach_activity
    join members on members.kind = 'organization' and members.id = outreach_activity.organization_ref
    union all
    select outreach_activity.occurred_at, 'outreach', coalesce(outreach_activity.title, 'outreach'), outreach_activity.channel
    from outreach_activity
    join account_alias on account_alias.alias_id = outreach_activity.account_ref
    join here using (account_id)
    union all
    select first_seen_at, 'person', coalesce(name, email, 'somebody') || ' seen first'
        || coalesce(' as ' || if(role = 'support', 'one who asks for help', replace(role, '_', ' ')), ''), evidence
    from account_person join here using (account_id)
    union all
    select cast(valid_from as timestamp), 'tier', 'tier ' || tier, rule from account_tier join here using (account_id)
    union all
    select cast(valid_from as timestamp), 'ladder', coalesce(move || ' to ', 'begins as ') || ladder, rule
    from account_ladder join here using (account_id)
    union all
    select cast(valid_from as timestamp), 'bucket', 'now ' || bucket, null from account_bucket join here using (account_id)
    union all
    select linked_at, 'link', left_name || ' tied to ' || right_name, evidence from links
    union all
    select unnest([decided_at, undone_at]), 'decision', author || unnest([' ', ' undid: ']) || text, reason from decisions
    union all
    select unnest([decided_at, undone_at]), kind, author || unnest([': ', ' undid: ']) || text, reason from said join here using (account_id)
)

select occurred_at, kind, text, detail
from events
where occurred_at is not null and occurred_at < (select as_of + interval 1 day from snapshot_info)
order by occurred_at desc, kind, text, detail
limit 500
