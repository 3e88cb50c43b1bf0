-- metric: partner_accounts
-- label: Accounts behind a partner
-- question: Whose revenue does a partner stand behind?
-- unit: the reporting currency
-- grain: one row a partner and account
-- good: up
-- definition: Sourced: the partner itself, and accounts whose sale or bill names it. Influenced: accounts whose applications it builds or pays for.
-- column partner_id: the partner's account
-- column partner: its name
-- column account_id: the account
-- column name: its name
-- column tier: its tier
-- column kind: sourced or influenced
-- column how: what says so
-- column revenue: what it paid in the period; null without a biller
-- column cost_to_serve: what serving it cost in the period; null without a bill for costs
-- column calls: its API calls in the period

with money as (
    select
        account_id,
        sum(revenue_micros) as revenue,
        sum(coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
            + coalesce(fee_cost_micros, 0)) as cost
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

used as (
    select account_id, sum(calls) as calls
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
)

select
    partner_brought.partner_id,
    partner.name as partner,
    partner_brought.account_id,
    account.name,
    account.tier,
    partner_brought.kind,
    partner_brought.how,
    case when has_billing then coalesce(money.revenue, 0) / 1000000 end as revenue,
    case when cost_is_known then coalesce(money.cost, 0) / 1000000 end as cost_to_serve,
    cast(coalesce(used.calls, 0) as bigint) as calls
from partner_brought
cross join money_known
join account using (account_id)
join account as partner on partner.account_id = partner_brought.partner_id
left join money on money.account_id = partner_brought.account_id
left join used on used.account_id = partner_brought.account_id
where $account is null or partner_brought.partner_id = $account
order by partner_brought.kind desc, revenue desc, account.name, partner_brought.account_id
