-- One row per month, account, source of the number and what was counted: how many end users stand behind an account's applications. `measured` are different
-- hashes in our logs, one count a key, the keys' counts added, so that whoever came by two keys counts twice; `reported` is what
-- a partner says: shops and users, and two sources, stand in no sum. Where a partner reports its whole, its applications' reports are
-- part of it and left out. The two are different things and stand in no sum together. A report that names no account that we know has account_id null.

with measured as (
    select
        end_user_month.month,
        caller_account.account_id,
        cast(sum(end_user_month.end_users) as bigint) as end_users,
        count(*) as keys
    from end_user_month
    join caller_account using (caller_id)
    group by end_user_month.month, caller_account.account_id
),

named as (
    select lower(account_member.id) as said, min(account_member.account_id) as account_id
    from account_member
    where account_member.kind in ('organization', 'application')
    group by lower(account_member.id)
    having count(distinct account_member.account_id) = 1
),

by_domain as (
    select domain as said, min(account_id) as account_id
    from account_name
    where domain is not null
    group by domain
    having count(*) = 1
),

by_name as (
    select lower(trim(name)) as said, min(account_id) as account_id
    from account_name
    where starts_with(account_id, 'org:') and name is not null
    group by lower(trim(name))
    having count(*) = 1
),

found as (
    select
        end_user_report.*,
        coalesce(applications.account_id, organizations.account_id, by_domain.account_id, by_name.account_id) as account_id,
        end_user_report.application_ref is null as is_whole
    from end_user_report
    left join named as applications on applications.said = lower(end_user_report.application_ref)
    left join named as organizations on organizations.said = lower(end_user_report.organization_ref)
    left join by_domain on by_domain.said = end_user_report.domain
    left join by_name on by_name.said = lower(end_user_report.organization_name)
    where end_user_report.end_users is not null
),

reported as (
    select
        month,
        account_id,
        if(account_id is null, coalesce(organization_name, organization_ref, domain, application_ref), null) as said_name,
        cast(sum(end_users) as bigint) as end_users,
        count(*) as reports,
        counted_as,
        source
    from (
        select *
        from found
        qualify is_whole or account_id is null or not bool_or(is_whole) over (partition by month, account_id)
    )
    group by month, account_id, said_name, counted_as, source
)

select month, account_id, 'measured' as how, end_users, keys as counted, cast(null as varchar) as counted_as, cast(null as varchar) as said_name,
    'logs' as source
from measured

union all

select month, account_id, 'reported', end_users, reports, counted_as, said_name, source
from reported
