-- metric: partners
-- label: What each partner brings for what we put in
-- question: What do we put into each partner, and what comes back?
-- unit: the reporting currency
-- grain: one row a partner with anything in the period or a share still owed
-- good: up
-- definition: Sourced is what the accounts paid that the partner brought: itself, and those whose sale or bill names it. Influenced is what others paid whose
--   applications it builds; it is shown apart and in no sum. The share owed is the contract's percentage of what was sourced, on the days of the contract;
--   where the partner pays us itself, its price is taken as gross. Investment is people (outreach hours × rate), marketing (the rest of outreach), its own support,
--   infrastructure and fees, and the share. Return is (sourced × margin − investment) ÷ investment, where margin is what is left of the sourced revenue after
--   serving the clients behind it.
-- column account_id: the partner's account
-- column name: its name
-- column owner: who of ours looks after it
-- column share_percent: the contract's share today
-- column sourced: revenue that it brought
-- column influenced: revenue of accounts whose applications it builds or pays for, not sourced by it
-- column clients: accounts that it sourced, itself not counted
-- column share_owed: its share of what was sourced in the period
-- column share_paid: what it was paid in the period; null where a payment is in a currency without a rate
-- column share_open: everything owed until today less everything paid until today
-- column people: hours of ours × rate
-- column marketing: money spent on or with it
-- column support: handling minutes × rate
-- column infrastructure: its share of the cloud bill
-- column fees: payment fees
-- column investment: people + marketing + support + infrastructure + fees + share owed
-- column margin: what is left of the sourced revenue after serving the clients
-- column value: sourced × margin
-- column partner_return: (value − investment) ÷ investment
-- column calls: its API calls in the period
-- column routes: distinct routes that it used
-- column active_share: share of the days of the period on which it called with success
-- column write_share: writes ÷ calls
-- column versions: distinct versions in the paths that it used
-- column end_users: most end users in a month of the period; null where no log names them
-- column depth: integration depth: the mean of its ranks in routes, active days, write share, versions and end users among partners, 0 to 100

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until
),

money as (
    select
        partner_id,
        sum(sourced_micros) filter (where here) as sourced,
        sum(influenced_micros) filter (where here) as influenced,
        sum(client_cost_micros) filter (where here) as client_cost,
        sum(share_owed_micros) filter (where here) as share_owed,
        sum(share_paid_micros) filter (where here) as share_paid,
        sum(share_owed_micros - share_paid_micros) filter (where day < until) as share_open,
        sum(people_micros) filter (where here) as people,
        sum(marketing_micros) filter (where here) as marketing,
        sum(support_micros) filter (where here) as support,
        sum(infrastructure_micros) filter (where here) as infrastructure,
        sum(fee_micros) filter (where here) as fees,
        sum(unpriced) filter (where here) as unpriced,
        sum(unpriced) filter (where day < until) as unpriced_before
    from (select partner_day.*, day >= since and day < until as here, until from partner_day cross join periods)
    group by partner_id
),

agreed as (
    select contract_span.account_id, max(contract.revenue_share_percent) as share_percent
    from contract
    join contract_span using (node)
    where contract.revenue_share_percent > 0
        and (select cast(as_of as date) from snapshot_info) between contract_span.since and contract_span.until
    group by contract_span.account_id
),

clients as (
    select partner_id, count(*) filter (where kind = 'sourced' and account_id <> partner_id) as clients
    from partner_brought
    group by partner_id
),

partners as (
    select account_id from partner_account
),

used as (
    select
        account_id,
        sum(calls) as calls,
        sum(writes) as writes,
        count(distinct day) filter (where ok > 0) as active_days
    from account_usage_day
    join partners using (account_id)
    cross join periods
    where surface = 'api' and day >= since and day < until
    group by account_id
),

length as (
    select greatest(1, least(until, (select cast(as_of as date) from snapshot_info) + 1)
        - greatest(since, coalesce((select min(day) from account_usage_day), since))) as days
    from periods
),

routes as (
    select
        caller_account.account_id,
        count(distinct (usage_route_day.service, usage_route_day.route)) as routes,
        count(distinct nullif(regexp_extract(usage_route_day.sample_path, '/(v[0-9]+)(/|$)', 1), '')) as versions
    from usage_route_day
    join caller_account using (caller_id)
    join partners on partners.account_id = caller_account.account_id
    cross join periods
    where usage_route_day.ok > 0 and usage_route_day.day >= since and usage_route_day.day < until
    group by caller_account.account_id
),

people as (
    select account_id, max(end_users) as end_users
    from (
        select caller_account.account_id, end_user_month.month, sum(end_user_month.end_users) as end_users
        from end_user_month
        join caller_account using (caller_id)
        join partners on partners.account_id = caller_account.account_id
        cross join periods
        where end_user_month.month >= date_trunc('month', since) and end_user_month.month < until
        group by caller_account.account_id, end_user_month.month
    )
    group by account_id
),

parts as (
    select
        partners.account_id,
        coalesce(used.calls, 0) as calls,
        coalesce(routes.routes, 0) as routes,
        coalesce(used.active_days, 0) / length.days as active_share,
        used.writes / nullif(used.calls, 0) as write_share,
        coalesce(routes.versions, 0) as versions,
        people.end_users
    from partners
    cross join length
    left join used using (account_id)
    left join routes using (account_id)
    left join people using (account_id)
),

ranked as (
    select
        *,
        case when calls > 0 then 20 * (
            percent_rank() over (order by routes) + percent_rank() over (order by active_share)
            + percent_rank() over (order by coalesce(write_share, 0)) + percent_rank() over (order by versions)
            + percent_rank() over (order by coalesce(end_users, 0))
        ) end as depth
    from parts
),

sums as (
    select
        *,
        coalesce(people, 0) + coalesce(marketing, 0) + coalesce(support, 0) + coalesce(infrastructure, 0) + coalesce(fees, 0) + coalesce(share_owed, 0)
            as investment
    from money
)

select
    account.account_id,
    account.name,
    account.owner,
    agreed.share_percent,
    case when has_billing then coalesce(sums.sourced, 0) / 1000000 end as sourced,
    case when has_billing then coalesce(sums.influenced, 0) / 1000000 end as influenced,
    coalesce(clients.clients, 0) as clients,
    case when has_billing then coalesce(sums.share_owed, 0) / 1000000 end as share_owed,
    case when coalesce(sums.unpriced, 0) = 0 then coalesce(sums.share_paid, 0) / 1000000 end as share_paid,
    case when has_billing and coalesce(sums.unpriced_before, 0) = 0 then round(coalesce(sums.share_open, 0) / 1000000, 2) + 0.0 end as share_open,
    coalesce(sums.people, 0) / 1000000 as people,
    coalesce(sums.marketing, 0) / 1000000 as marketing,
    case when has_support_rate or not has_support then coalesce(sums.support, 0) / 1000000 end as support,
    case when has_costs then coalesce(sums.infrastructure, 0) / 1000000 end as infrastructure,
    coalesce(sums.fees, 0) / 1000000 as fees,
    case when cost_is_known then coalesce(sums.investment, 0) / 1000000 end as investment,
    case when cost_is_known and has_billing then (sums.sourced - coalesce(sums.client_cost, 0)) / nullif(sums.sourced, 0) end as margin,
    case when cost_is_known and has_billing then (coalesce(sums.sourced, 0) - coalesce(sums.client_cost, 0)) / 1000000 end as value,
    case when cost_is_known and has_billing then
        (coalesce(sums.sourced, 0) - coalesce(sums.client_cost, 0) - sums.investment) / nullif(sums.investment, 0) end as partner_return,
    cast(ranked.calls as bigint) as calls,
    ranked.routes,
    ranked.active_share,
    ranked.write_share,
    ranked.versions,
    cast(ranked.end_users as bigint) as end_users,
    ranked.depth
from partners
join account using (account_id)
join ranked using (account_id)
cross join money_known
left join sums on sums.partner_id = partners.account_id
left join agreed on agreed.account_id = partners.account_id
left join clients on clients.partner_id = partners.account_id
where ($account is null or partners.account_id = $account)
    and (sums.sourced <> 0 or sums.influenced <> 0 or sums.investment <> 0 or sums.share_open <> 0 or ranked.calls > 0)
order by sourced desc nulls last, account.account_id
