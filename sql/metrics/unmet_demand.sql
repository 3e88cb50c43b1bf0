-- metric: unmet_demand
-- label: Unmet demand
-- question: What do they ask for that we do not have?
-- unit: accounts
-- grain: one row a path template and reason
-- good: -
-- definition: Calls of the period that no route matched (404 without a route), whose method the route does not allow (405), or that are not
--   implemented (501), by path with its ids, dates and mailboxes replaced; versions such as /v2 stay. Ranked by the distinct accounts that pay,
--   then companies, then all, then addresses of which no account is known. A gateway identifies nobody where no route matched: an account is
--   named by the log or inferred, where its address called with the key of exactly one account in that month. Scanners, crawlers and our own
--   tests are left out (see scanner noise). A 404 on a known route is something else.
-- column key: stands for path and reason
-- column path: the template, as it may be shown; templates that are shown alike are one
-- column reason: no_route, 405 or 501
-- column methods: the methods that were used
-- column calls: calls of the period
-- column paying_accounts: distinct accounts that have paid a bill; null without a billing source
-- column company_accounts: distinct organizations that are no team of ours
-- column accounts: distinct accounts
-- column inferred_accounts: of them, those that only the address tells of
-- column unnamed_callers: distinct addresses of which no account is known
-- column calls_before: calls of the period to compare with
-- column accounts_before: accounts of the period to compare with
-- column revenue: net revenue of the period of the accounts that asked, null where no account is known; adding it up over paths counts an account more than once
-- column first_day: first asked for, since counting began
-- column last_day: last asked for in the period
-- column sample_path: one path of them, as it may be shown

with money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

asked as (
    select
        unmet_call.*,
        account.kind,
        account.tier,
        account.is_payer,
        ($date_from is null or unmet_call.day >= cast($date_from as date)) and ($date_to is null or unmet_call.day < cast($date_to as date)) as is_now,
        unmet_call.day >= cast($before_from as date) and unmet_call.day < cast($before_to as date) as is_before
    from unmet_call
    left join account using (account_id)
    where unmet_call.removed_by is null and ($tier is null or account.tier = $tier)
),

askers as (
    select distinct key, account_id
    from asked
    where is_now and account_id is not null
),

worth as (
    select askers.key, sum(money.revenue) as revenue
    from askers
    left join money using (account_id)
    group by askers.key
),

paths as (
    select
        key,
        min(path) as path,
        min(reason) as reason,
        string_agg(distinct method, ', ' order by method) filter (where is_now) as methods,
        sum(calls) filter (where is_now) as calls,
        count(distinct account_id) filter (where is_now and is_payer) as paying_accounts,
        count(distinct account_id) filter (where is_now and kind = 'organization' and tier <> 'internal') as company_accounts,
        count(distinct account_id) filter (where is_now) as accounts,
        count(distinct account_id) filter (where is_now and not is_inferred) as named_accounts,
        count(distinct coalesce(client_ip, caller_id)) filter (where is_now and account_id is null) as unnamed_callers,
        sum(calls) filter (where is_before) as calls_before,
        count(distinct account_id) filter (where is_before) as accounts_before,
        min(day) as first_day,
        max(day) filter (where is_now) as last_day,
        min(sample_path) filter (where is_now) as sample_path
    from asked
    group by key
    having count(*) filter (where is_now) > 0
)

select
    paths.key,
    paths.path,
    paths.reason,
    paths.methods,
    cast(paths.calls as bigint) as calls,
    case when money_known.has_billing then paths.paying_accounts end as paying_accounts,
    paths.company_accounts,
    paths.accounts,
    paths.accounts - paths.named_accounts as inferred_accounts,
    paths.unnamed_callers,
    case when $before_from is not null then cast(coalesce(paths.calls_before, 0) as bigint) end as calls_before,
    case when $before_from is not null then paths.accounts_before end as accounts_before,
    case when money_known.has_billing and paths.accounts > 0 then coalesce(worth.revenue, 0) / 1000000 end as revenue,
    paths.first_day,
    paths.last_day,
    shown_path(paths.sample_path) as sample_path
from paths
cross join money_known
left join worth using (key)
order by paying_accounts desc nulls last, company_accounts desc, accounts desc, unnamed_callers desc, calls desc, path, reason
limit 500
