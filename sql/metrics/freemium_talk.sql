-- metric: freemium_talk
-- label: Free accounts that ought to talk to someone
-- question: Which free accounts look as if they would pay, and whom should they talk to?
-- unit: accounts
-- grain: one row an account that is free now and shows at least one sign
-- good: -
-- definition: Free accounts, successful in the last 60 days, with a sign of a company at work: three developers or more; quota or rate refusals in the period;
--   a ticket about price, security, legal or procurement; in production; or a cost above that of nine in ten free accounts. Most signs first.
-- column account_id: the account
-- column name: its name
-- column tier: its tier
-- column owner: who of ours looks after it; null where nobody
-- column signs: the signs, in words
-- column sign_count: how many
-- column developers: its developers
-- column calls: API calls in the period
-- column refused: calls refused for quota or rate in the period
-- column tickets: tickets about price, security, legal or procurement
-- column cost: what it cost in the period
-- column started_on: since when it uses us

with free as (
    select account_id, started_on
    from free_account
    where outcome = 'still free' and ($tier is null or tier = $tier)
),

used as (
    select account_id, sum(calls) as calls, sum(refused_quota + refused_rate_limit) as refused
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

spent as (
    select
        account_id,
        sum(coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)) as cost
    from account_money_day
    join free using (account_id)
    where ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

asked as (
    select ticket_account.account_id, count(*) as tickets
    from ticket_account
    join ticket_topic using (source, ticket_id)
    where is_commercial or is_security or is_legal or is_procurement
    group by ticket_account.account_id
),

facts as (
    select
        free.account_id,
        free.started_on,
        account.name,
        account.tier,
        account.owner,
        account.developers,
        coalesce(used.calls, 0) as calls,
        coalesce(used.refused, 0) as refused,
        coalesce(asked.tickets, 0) as tickets,
        case when cost_is_known then coalesce(spent.cost, 0) end as cost,
        account.developers >= 3 as many,
        coalesce(used.refused, 0) >= 10 as limited,
        coalesce(asked.tickets, 0) > 0 as asks,
        exists (select 1 from account_stage where account_stage.account_id = free.account_id and account_stage.stage = 'in_production')
            as in_production,
        coalesce(spent.cost > (select quantile_cont(cost, 0.9) from spent) and spent.cost > 0, false) as costly
    from free
    join account using (account_id)
    cross join money_known
    left join used using (account_id)
    left join spent using (account_id)
    left join asked using (account_id)
)

select
    account_id,
    name,
    tier,
    owner,
    concat_ws(
        ', ',
        case when many then developers || ' developers' end,
        case when limited then refused || ' calls over the limit' end,
        case when asks then 'asked about price, security or terms' end,
        case when in_production then 'in production' end,
        case when costly then 'costs more than nine in ten' end
    ) as signs,
    cast(many as integer) + cast(limited as integer) + cast(asks as integer) + cast(in_production as integer) + cast(costly as integer)
        as sign_count,
    developers,
    cast(calls as bigint) as calls,
    cast(refused as bigint) as refused,
    tickets,
    cost / 1000000 as cost,
    started_on
from facts
where many or limited or asks or in_production or costly
order by sign_count desc, calls desc, account_id
