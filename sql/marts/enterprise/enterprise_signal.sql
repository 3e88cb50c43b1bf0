-- One row per account and sign that it is a company which somebody should look after: since when, and what shows it. A strong sign counts
-- towards [path_rules]; a weak one (a company's own domain) is only listed. Nobody's traffic and our own teams have none.

with today as (
    select as_of, cast(as_of as date) as day, path_rule.*
    from snapshot_info
    cross join path_rule
),

accounts as (
    select account_id, tier
    from account_tier_now
    where tier <> 'internal' and not starts_with(account_id, 'nobody:')
),

employees as (
    select account_member.account_id, max(organization.employees) as employees, min(organization.created_at) as since
    from organization
    join account_member using (node)
    group by account_member.account_id
    having max(organization.employees) >= (select enterprise_employees from path_rule)
),

developers as (
    select
        developer_account.account_id,
        developer.created_at,
        row_number() over (partition by developer_account.account_id order by developer.created_at, developer.node) as place,
        count(*) over (partition by developer_account.account_id) as developers
    from developer
    join developer_account using (node)
    where developer.created_at <= (select as_of from snapshot_info)
),

-- what tickets ask that only companies ask; quota is both a company's wish and anybody's
asked as (
    select
        ticket_account.account_id,
        ticket_account.ticket_id,
        ticket_account.created_at,
        ticket_account.subject,
        regexp_replace(lower(concat_ws(' ', ticket_account.subject, ticket_account.form, array_to_string(ticket_account.tags, ' '))), '\S*/\S*', ' ', 'g')
            as text,
        ticket_topic.is_security,
        ticket_topic.is_legal,
        ticket_topic.is_procurement,
        ticket_topic.is_commercial
    from ticket_account
    join ticket_topic on ticket_topic.source = ticket_account.source and ticket_topic.ticket_id = ticket_account.ticket_id
    where ticket_account.created_at <= (select as_of from snapshot_info)
),

questions as (
    select account_id, created_at, subject, ticket_id,
        unnest(list_filter(
            [
                if(is_security, 'security_question', null),
                if(is_legal, 'legal_question', null),
                if(is_procurement, 'procurement_question', null),
                if(regexp_matches(text, '\b(slas?|uptime|service levels?)\b'), 'sla_question', null),
                if(is_commercial and regexp_matches(text, '\b(quotas?|rate.?limits?|higher limits?|volume)\b'), 'quota_contact', null)
            ],
            lambda one: one is not null
        )) as signal
    from asked
),

tickets as (
    select account_id, signal, min(created_at) as since, count(*) as tickets, arg_min(subject, (created_at, ticket_id)) as subject
    from questions
    group by account_id, signal
),

refused as (
    select account_id, onboarding_day.day, refused_quota, row_number() over (partition by account_id order by onboarding_day.day) as place
    from onboarding_day
    cross join today
    where refused_quota > 0 and onboarding_day.day > today.day - today.seen_within_days and onboarding_day.day <= today.day
),

refusals as (
    select account_id, count(*) as days, sum(refused_quota) as refused, max(day) filter (where place = (select refused_on_days from path_rule)) as since
    from refused
    group by account_id
    having count(*) >= (select refused_on_days from path_rule)
),

-- calls of the last three calendar months against the other accounts of the tier that called in the same month
months as (
    select onboarding_day.account_id, accounts.tier, cast(date_trunc('month', onboarding_day.day) as date) as month, sum(onboarding_day.calls) as calls
    from onboarding_day
    join accounts using (account_id)
    cross join today
    where onboarding_day.day >= date_trunc('month', today.day) - interval 2 month and onboarding_day.day <= today.day
    group by all
),

ranked as (
    select *,
        percent_rank() over (partition by tier, month order by calls) as share_below,
        count(*) over (partition by tier, month) as callers
    from months
),

volume as (
    select *, row_number() over (partition by account_id order by month) as place
    from ranked
    where callers >= (select movers_needed from setting) and share_below >= (select volume_share from path_rule)
),

domains as (
    select account_name.account_id, account_name.domain, account_seen.signed_up_at as since
    from account_name
    join domain_of on domain_of.email_or_host = account_name.domain and domain_of.linkable
    left join account_seen using (account_id)
),

found as (
    select account_id, 'employees' as signal, coalesce(account_seen.signed_up_at, employees.since) as since,
        format('{:,}', employees.employees) || ' employees' as evidence
    from employees
    left join account_seen using (account_id)

    union all

    select account_id, 'developers', created_at, developers || ' developers; number ' || place || ' signed up ' || strftime(created_at, '%-d %b %Y')
    from developers
    where place = (select enterprise_developers from path_rule)

    union all

    select account_id, signal, since, '"' || coalesce(subject, 'no subject') || '" asked ' || strftime(since, '%-d %b %Y')
        || if(tickets > 1, ' (' || tickets || ' tickets)', '')
    from tickets

    union all

    select account_id, 'quota_refused', cast(since as timestamp),
        format('{:,}', refused) || ' calls over quota or rate on ' || days || ' days of the last ' || (select seen_within_days from path_rule)
    from refusals

    union all

    select account_id, 'volume', least(cast(month + interval 1 month as timestamp), (select as_of from snapshot_info)),
        format('{:,}', cast(calls as bigint)) || ' calls in ' || strftime(month, '%b %Y') || ', more than '
            || cast(round(100 * (select volume_share from path_rule)) as integer) || ' % of the ' || callers || ' ' || tier || ' accounts that called'
    from volume
    where place = 1

    union all

    select account_id, 'company_domain', since, 'its own domain, ' || domain
    from domains
)

select
    found.account_id,
    found.signal,
    path_signal.label,
    path_signal.is_strong,
    path_signal.is_company,
    found.since,
    found.evidence
from found
join accounts using (account_id)
join path_signal using (signal)
