-- One row per account that is a customer (a contract in force, or it pays), or may become one by sales: what it can be compared by with others,
-- and whether it has been a case study. Our own teams are none. What nobody tells is null.

with customers as (
    select account_id
    from account_payer
    union
    select contract_state.account_id
    from contract_state
    where contract_state.state = 'in force'
),

accounts as (
    select
        account_tier_now.account_id,
        account_tier_now.tier,
        customers.account_id is not null as is_customer,
        account_payer.account_id is not null as pays,
        coalesce(account_payer.since, contracts.since) as customer_since
    from account_tier_now
    left join customers using (account_id)
    left join account_payer using (account_id)
    left join (select account_id, min(since) as since from contract_state where state = 'in force' group by account_id) as contracts using (account_id)
    where (customers.account_id is not null or account_tier_now.account_id in (select account_id from enterprise_account))
        and account_tier_now.tier <> 'internal'
),

routes as (
    select caller_account.account_id, list_sort(list(distinct usage_route_day.service || ' ' || usage_route_day.route)) as routes,
        list_sort(list(distinct usage_route_day.service)) as services
    from usage_route_day
    join caller_account using (caller_id)
    semi join accounts on accounts.account_id = caller_account.account_id
    where usage_route_day.ok > 0 and usage_route_day.route is not null and usage_route_day.service is not null
    group by caller_account.account_id
),

plans as (
    select account_member.account_id, arg_max(application.plan, (coalesce(application.created_at, timestamp '1970-01-01'), application.node)) as plan
    from application
    join account_member using (node)
    where application.plan is not null
    group by account_member.account_id
),

companies as (
    select
        account_member.account_id,
        arg_min(organization.kind, organization.node) filter (where organization.kind is not null) as company_kind,
        arg_min(organization.country, organization.node) filter (where organization.country is not null) as country,
        max(organization.employees) as employees,
        bool_or(len(list_filter(coalesce(organization.tags, []), lambda tag: regexp_matches(lower(tag), '^(reference|case[ _-]?study)'))) > 0) as is_reference
    from organization
    join account_member using (node)
    group by account_member.account_id
),

studies as (
    select account_member.account_id, max(outreach_activity.occurred_at) as told_at, arg_max(outreach_activity.title, (outreach_activity.occurred_at, outreach_activity.id)) as title
    from outreach_activity
    join account_member on account_member.kind = 'organization' and account_member.id = outreach_activity.organization_ref
    where regexp_matches(lower(outreach_activity.title), '\b(case stud\w*|success stor\w*|testimonials?)\b')
        and outreach_activity.occurred_at <= (select as_of from snapshot_info)
    group by account_member.account_id
)

select
    accounts.account_id,
    accounts.tier,
    accounts.is_customer,
    accounts.pays,
    accounts.customer_since,
    routes.services,
    routes.routes,
    companies.company_kind,
    companies.country,
    companies.employees,
    case
        when companies.employees >= 1000 then '1,000 people and more'
        when companies.employees >= 200 then '200 to 999 people'
        when companies.employees >= 50 then '50 to 199 people'
        when companies.employees >= 10 then '10 to 49 people'
        when companies.employees > 0 then 'fewer than 10 people'
    end as size,
    plans.plan,
    case
        when accounts.is_customer and studies.told_at is not null and cast(studies.told_at as date) >= coalesce(accounts.customer_since, date '0001-01-01') then studies.title
        when accounts.is_customer and companies.is_reference then 'named as a reference'
    end as case_study
from accounts
left join routes using (account_id)
left join plans using (account_id)
left join companies using (account_id)
left join studies using (account_id)
