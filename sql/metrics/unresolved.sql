-- metric: unresolved
-- label: Without a known organization
-- question: Whose calls, people and money belong to no known organization, and why?
-- unit: rows
-- grain: one row an account without a known organization; for calls of nobody one row a source and reason
-- good: down
-- definition: What identity coverage lacks, the most calls first: calls without a key or with one that no source lists, bills of customers that
--   no source lists, people who stand alone, and payers of whom only the bill is known. Its sums and those that coverage resolves are all
--   there is.
-- column account_id: the account; one for all that nobody is known for
-- column name: what the sources call it
-- column why: why no organization is known, as a short name
-- column why_label: the same in words
-- column detail: the source, domain or number of keys that it rests on
-- column what_settles_it: what would tell
-- column developers: people who belong to it
-- column applications: applications that belong to it
-- column calls: API calls in the period
-- column revenue: net revenue of the period, in the reporting currency; null without a billing source
-- column last_call_at: its last API call

with nameless as (
    select caller.caller_id, caller_account.account_id, caller.source, caller_account.evidence as why
    from caller_account
    join caller using (caller_id)
    where starts_with(caller_account.account_id, 'nobody:')
),

nobody_calls as (
    select
        nameless.account_id,
        nameless.why,
        nameless.source,
        count(distinct nameless.caller_id) as keys,
        sum(usage_day.calls) as calls,
        max(usage_day.last_at) as last_call_at
    from usage_day
    join nameless using (caller_id)
    where usage_day.surface = 'api'
        and ($date_from is null or usage_day.day >= cast($date_from as date))
        and ($date_to is null or usage_day.day < cast($date_to as date))
        and ($service is null or usage_day.service = $service)
    group by nameless.account_id, nameless.why, nameless.source
),

used as (
    select account_usage_day.account_id, sum(account_usage_day.calls) as calls
    from account_usage_day
    join account_coverage using (account_id)
    where not account_coverage.resolved and account_usage_day.surface = 'api'
        and ($date_from is null or account_usage_day.day >= cast($date_from as date))
        and ($date_to is null or account_usage_day.day < cast($date_to as date))
        and ($service is null or account_usage_day.service = $service)
    group by account_usage_day.account_id
),

money as (
    select revenue_event.account_id, count(*) as bills, sum(revenue_event.net_micros) as revenue
    from revenue_event
    where ($date_from is null or revenue_event.day >= cast($date_from as date))
        and ($date_to is null or revenue_event.day < cast($date_to as date))
    group by revenue_event.account_id
),

found as (
    select
        account_id,
        why,
        if(why = 'anonymous', 'Calls without a key', 'A key that no source lists') as why_label,
        source || if(why = 'anonymous', '', format(', {:,} {}', keys, if(keys = 1, 'key', 'keys'))) as detail,
        if(why = 'anonymous', 'Log the key or consumer at ' || source, 'Add the registry that issued them as a source') as what_settles_it,
        calls,
        null as revenue,
        last_call_at
    from nobody_calls

    union all

    select
        account_id,
        'unknown customer',
        'A bill whose customer no source lists',
        format('{:,} {}', bills, if(bills = 1, 'bill, refund or dispute', 'bills, refunds and disputes')),
        'Let the biller''s key read its customers',
        0,
        revenue,
        null
    from money
    where starts_with(account_id, 'nobody:') and $service is null

    union all

    select
        account_coverage.account_id,
        account_coverage.why,
        account_coverage.why_label,
        account_coverage.detail,
        account_coverage.what_settles_it,
        coalesce(used.calls, 0),
        money.revenue,
        account.last_call_at
    from account_coverage
    join account using (account_id)
    left join used using (account_id)
    left join money using (account_id)
    where not account_coverage.resolved and ($service is null or used.calls > 0)
)

select
    found.account_id,
    account.name,
    account.kind,
    account.tier,
    found.why,
    found.why_label,
    found.detail,
    found.what_settles_it,
    account.developers,
    account.applications,
    cast(found.calls as bigint) as calls,
    case when money_known.has_billing then coalesce(found.revenue, 0) / 1000000 end as revenue,
    found.last_call_at
from found
join account using (account_id)
cross join money_known
where ($tier is null or account.tier = $tier)
    and ($flag is null or account.account_id in (select account_id from account_flag where flag = $flag))
    and (
        $search is null
        or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id, found.why_label, found.detail)), lower($search))
        or account.account_id in (
            select account_id from developer_account join developer using (node)
            where contains(lower(concat_ws(' ', developer.name, developer.email)), lower($search))
        )
    )
order by calls desc, revenue desc nulls last, found.account_id, found.why, found.detail
