-- metric: directory
-- label: Directory
-- question: Who are our customers, what do they use, what do they bring and cost, and where do they stand?
-- unit: rows
-- grain: one row an account, nobody's traffic included
-- good: -
-- definition: Every account of the tier that it has today, with its calls and money of the period. Money is null where no source tells of it;
--   with a service chosen, only calls are of that service, and revenue, cost and contribution stay those of the account.
-- column account_id: the account's id; older ids of it keep working in links
-- column name: what the sources call it
-- column kind: organization, developer (alone), or nobody
-- column domain: its e-mail domain, where one links it
-- column tier: today's tier
-- column ladder: how far the relationship has grown: open, associate, incubation, partner
-- column bucket: new, active, inactive, billable, partner or internal, today
-- column stage: the last onboarding stage reached
-- column developers: people who belong to it
-- column applications: applications that belong to it
-- column calls: API calls in the period
-- column ok_calls: answered with 2xx or 3xx
-- column error_share: (4xx + 5xx) ÷ calls; the two are apart on the account's page
-- column revenue: net revenue of the period, in the reporting currency
-- column cost_to_serve: infrastructure + support + outreach + fees
-- column contribution: revenue − cost to serve
-- column stalled: whether it stands too long in its stage
-- column reason_label: why, where it is stalled
-- column last_call_at: its last API call
-- column owner: who of ours looks after it
-- column certainty: how sure it is whose it is, 0 to 1: the confidence of its weakest link; null where no organization is known
-- column why_unresolved: why no organization is known, where none is
-- column flags: what somebody should look at: findings, a stall, a merge that was held back

with used as (
    select account_id, sum(calls) as calls, sum(ok) as ok, sum(client_errors + server_errors) as errors
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
        and ($service is null or service = $service)
    group by account_id
),

money as (
    select
        account_id,
        sum(revenue_micros) as revenue,
        sum(coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
            + coalesce(fee_cost_micros, 0)) as cost
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

flagged as (
    select account_id, string_agg(label, ' · ' order by rank, label) as flags
    from account_flag
    group by account_id
),

known as (
    select
        account.account_id,
        case when has_billing and account.tier <> 'internal' then cast(coalesce(money.revenue, 0) as bigint) end as revenue,
        case when cost_is_known then cast(coalesce(money.cost, 0) as bigint) end as cost
    from account
    cross join money_known
    left join money using (account_id)
)

select
    account.account_id,
    account.name,
    account.kind,
    account.domain,
    account.tier,
    account.ladder,
    account.bucket,
    account.stage,
    account.developers,
    account.applications,
    cast(coalesce(used.calls, 0) as bigint) as calls,
    cast(coalesce(used.ok, 0) as bigint) as ok_calls,
    used.errors / nullif(used.calls, 0) as error_share,
    known.revenue / 1000000 as revenue,
    known.cost / 1000000 as cost_to_serve,
    (known.revenue - known.cost) / 1000000 as contribution,
    coalesce(stall.stalled, false) as stalled,
    case when stall.stalled then stall.reason_label end as reason_label,
    account.last_call_at,
    account.owner,
    account_coverage.certainty,
    case when account.kind = 'nobody' then 'Calls or bills of nobody' else account_coverage.why_label end as why_unresolved,
    flagged.flags
from account
join known using (account_id)
left join account_coverage using (account_id)
left join flagged using (account_id)
left join used using (account_id)
left join stall using (account_id)
where ($tier is null or account.tier = $tier)
    and ($service is null or used.calls > 0)
    and ($flag is null or account.account_id in (select account_id from account_flag where flag = $flag))
    and (
        $search is null
        or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id)), lower($search))
        or account.account_id in (
            select account_id from developer_account join developer using (node)
            where contains(lower(concat_ws(' ', developer.name, developer.email)), lower($search))
        )
    )
order by calls desc, account.account_id
