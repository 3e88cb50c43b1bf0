-- One row per account that has entered its tier's ladder: when, and what sets it apart from others. An organization enters once, with the
-- first of its developers; what nobody tells is null. Weeks begin on Monday.

with services as (
    select account_id, arg_min(service, (coalesce(first_ok_at, first_at), service)) as service
    from caller_usage_day
    where surface = 'api' and service is not null and caller_id not in (select caller_id from test_caller)
    group by account_id
),

companies as (
    select
        account_member.account_id,
        arg_min(organization.kind, organization.node) filter (where organization.kind is not null) as company_kind,
        arg_min(organization.country, organization.node) filter (where organization.country is not null) as country,
        max(organization.employees) as employees
    from organization
    join account_member using (node)
    group by account_member.account_id
),

people as (
    select developer_account.account_id, arg_min(developer.country, (developer.created_at, developer.node)) as country
    from developer
    join developer_account using (node)
    where developer.country is not null
    group by developer_account.account_id
)

select
    account_stage.account_id,
    account_stage.tier,
    account_stage.reached_at as entered_at,
    cast(date_trunc('week', account_stage.reached_at) as date) as cohort_week,
    cast(date_trunc('month', account_stage.reached_at) as date) as cohort_month,
    account_cluster.kind,
    account_channel.channel,
    services.service,
    companies.company_kind,
    coalesce(companies.country, people.country) as country,
    case
        when companies.employees >= 1000 then '1,000 people and more'
        when companies.employees >= 200 then '200 to 999 people'
        when companies.employees >= 50 then '50 to 199 people'
        when companies.employees >= 10 then '10 to 49 people'
        when companies.employees > 0 then 'fewer than 10 people'
    end as size
from account_stage
join account_cluster using (account_id)
left join account_channel using (account_id)
left join services using (account_id)
left join companies using (account_id)
left join people using (account_id)
where account_stage.position = 1
