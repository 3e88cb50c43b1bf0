-- metric: freemium_support
-- label: Support given to free accounts
-- question: What do free accounts ask for?
-- unit: tickets and the reporting currency
-- grain: one row a topic
-- good: down
-- definition: Tickets that accounts asked while they were free, by what their tags, form and subject say; the first topic that fits. Cost is handling minutes ×
--   rate, null without a rate.
-- column topic: commercial, security, legal, procurement, billing or use
-- column tickets: tickets of the period
-- column accounts: distinct free accounts that asked
-- column minutes: handling minutes
-- column cost: minutes × rate

with asked as (
    select
        ticket_account.source,
        ticket_account.ticket_id,
        ticket_account.account_id,
        case
            when is_security then 'security'
            when is_procurement then 'procurement'
            when is_legal then 'legal'
            when is_commercial then 'commercial'
            when is_billing then 'billing'
            else 'use'
        end as topic
    from ticket_account
    join free_account using (account_id)
    join ticket_topic using (source, ticket_id)
    where ticket_account.day < free_account.free_until
        and not free_account.paid_first
        and ($tier is null or free_account.tier = $tier)
        and ($date_from is null or ticket_account.day >= cast($date_from as date))
        and ($date_to is null or ticket_account.day < cast($date_to as date))
),

handled as (
    select source, ticket_id, sum(minutes) as minutes, sum(cost_micros) as cost, count(*) filter (where cost_micros is null) as unpriced
    from support_day
    group by source, ticket_id
)

select
    topic,
    count(*) as tickets,
    count(distinct asked.account_id) as accounts,
    coalesce(sum(handled.minutes), 0) as minutes,
    case when coalesce(sum(handled.unpriced), 0) = 0 then coalesce(sum(handled.cost), 0) / 1000000 end as cost
from asked
left join handled using (source, ticket_id)
group by topic
order by tickets desc, topic
