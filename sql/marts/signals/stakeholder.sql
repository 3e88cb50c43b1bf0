-- One row per service, role and whoever has it: an account, or an outsider without one (a regulator, visitors). Of the last 90
-- days of calls. `people` are its developers whose keys called the service; `end_users` those of the newest month that is known, of
-- the account and not of the service, as no log splits them. Roles: payer (pays for an application that called it), developer (an open or public account
-- that calls it), end users (behind an account's applications), team (ours), partner, regulator and competitor (as program.toml names them; one
-- without an account that only reads is among the readers), prospect (calls it,
-- has an open sale, and does not pay), reader (addresses that read a page about it in the last whole month and were never seen calling: those of its most read page,
-- where the API's name is a part of the path). An account may have several.

with days as (
    select cast(as_of as date) - 89 as since, cast(as_of as date) as until
    from snapshot_info
),

used as (
    select caller_usage_day.account_id, caller_usage_day.service, caller_account.developer_node, caller_account.application_node,
        cast(sum(caller_usage_day.calls) as bigint) as calls
    from caller_usage_day
    join caller_account using (caller_id)
    cross join days
    where caller_usage_day.surface = 'api' and caller_usage_day.service is not null
        and caller_usage_day.day between days.since and days.until
    group by all
),

accounts as (
    select account_id, service, count(distinct developer_node) as people, cast(sum(calls) as bigint) as calls
    from used
    where not starts_with(account_id, 'nobody:')
    group by account_id, service
),

tiers as (
    select accounts.*, coalesce(account_tier_now.tier, 'public') as tier
    from accounts
    left join account_tier_now using (account_id)
),

payers as (
    select coalesce(application_payer.account_id, account_payer.account_id) as account_id, used.service, count(distinct used.developer_node) as people,
        cast(sum(used.calls) as bigint) as calls
    from used
    left join application_payer on application_payer.application_node = used.application_node
    left join account_payer on account_payer.account_id = used.account_id
    where coalesce(application_payer.account_id, account_payer.account_id) is not null
    group by 1, 2
),

end_users as (
    select account_id, how, max(month) as month, arg_max(end_users, (month, end_users)) as end_users
    from account_end_users
    where account_id is not null
    group by account_id, how
),

prospects as (
    select distinct account_member.account_id
    from opportunity
    join account_member using (node)
    where opportunity.closed_at is null and coalesce(opportunity.stage, '') not in ('won', 'lost', 'closed won', 'closed lost', 'closedwon', 'closedlost')
),

readers as (
    select service, max(visitors) as visitors, arg_max(page, (visitors, page)) as page
    from (
        select services.service, shown_path(pages.page) as page, cast(sum(pages.visitors) as bigint) as visitors
        from (select distinct service from used) as services
        join (
            select page, cast(sum(visitors) as bigint) as visitors
            from visit
            where by_page and not by_referrer and agent = 'reader' and not called
                and month = (select cast(date_trunc('month', as_of) - interval 1 month as date) from snapshot_info)
            group by page
        ) as pages on list_contains(string_split(lower(pages.page), '/'), lower(services.service))
        group by services.service, shown_path(pages.page)
    )
    group by service
),

roles as (
    select service, 'payer' as role, account_id, people, calls, cast(null as bigint) as end_users, cast(null as varchar) as said,
        cast(null as bigint) as visitors
    from payers

    union all

    select service, case tier when 'internal' then 'team' when 'partner' then 'partner' else 'developer' end, account_id, people, calls, null, null, null
    from tiers

    union all

    select tiers.service, 'end users', tiers.account_id, tiers.people, tiers.calls, end_users.end_users,
        if(end_users.how = 'reported', 'as the partner says, ', 'measured, ') || strftime(end_users.month, '%b %Y'), null
    from tiers
    join end_users using (account_id)

    union all

    select tiers.service, 'prospect', tiers.account_id, tiers.people, tiers.calls, null, 'an open sale', null
    from tiers
    join prospects using (account_id)
    left join account_payer using (account_id)
    where account_payer.account_id is null

    union all

    select tiers.service, party_sighting.kind, tiers.account_id, any_value(tiers.people), any_value(tiers.calls), null,
        party_sighting.name || ': ' || string_agg(distinct party_sighting.how, ', ' order by party_sighting.how), null
    from party_sighting
    join tiers using (account_id)
    where party_sighting.kind in ('competitor', 'regulator')
    group by tiers.service, party_sighting.kind, party_sighting.name, tiers.account_id

    union all

    select service, 'regulator', null, null, null, null, coalesce(regulator, 'a regulator that nobody named') || ': ' || data, null
    from regulated

    union all

    select service, 'reader', null, null, null, null, 'readers of ' || page, visitors
    from readers
)

select
    roles.service,
    roles.role,
    roles.account_id,
    coalesce(account.name, roles.said) as name,
    account.tier,
    roles.people,
    roles.calls,
    roles.end_users,
    roles.visitors,
    roles.said,
    case
        when roles.role = 'team' then coalesce(account_owner.owner, 'the team itself')
        when roles.account_id is null then regulated.owner
        else coalesce(account_owner.owner, stall_owner.owner)
    end as owner,
    account_contact.last_contact_at,
    account_contact.last_contact,
    account_concern.kind as concern_kind,
    account_concern.concern,
    account_concern.since as concern_since,
    coalesce(account_concern.concerns, 0) as concerns
from roles
left join account using (account_id)
left join account_owner using (account_id)
left join stall_owner using (account_id)
left join account_contact using (account_id)
left join account_concern using (account_id)
left join regulated on roles.account_id is null and regulated.service = roles.service
    and roles.said = coalesce(regulated.regulator, 'a regulator that nobody named') || ': ' || regulated.data
