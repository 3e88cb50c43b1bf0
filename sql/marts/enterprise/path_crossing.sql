-- One row per account that crossed from one path to the other: it built by itself before sales took it over, had even ordered by itself, or
-- began with sales and then ordered by itself. Sales takes over with the first opportunity, draft of a contract or step of procurement.

with sales as (
    select account_id, min(occurred_at) as took_over_at, arg_min(event, (occurred_at, event)) as event
    from sales_event
    where (stage = 'procurement' or event in ('opportunity', 'contract drafted'))
        and occurred_at <= (select as_of from snapshot_info)
    group by account_id
),

built as (
    select account_id, min(occurred_at) as built_at
    from stage_event
    where stage = 'first_success'
    group by account_id
),

ordered as (
    select account_id, min(ordered_at) as ordered_at
    from own_order
    group by account_id
),

found as (
    select
        sales.account_id,
        case
            when ordered.ordered_at < sales.took_over_at then 'ordered, then sales'
            when ordered.ordered_at > sales.took_over_at then 'sales, then ordered'
            when built.built_at < sales.took_over_at then 'built, then sales'
        end as crossing,
        case
            when ordered.ordered_at < sales.took_over_at then ordered.ordered_at
            when ordered.ordered_at > sales.took_over_at then sales.took_over_at
            else built.built_at
        end as from_at,
        case when ordered.ordered_at > sales.took_over_at then ordered.ordered_at else sales.took_over_at end as to_at,
        sales.event as sales_event
    from sales
    left join ordered using (account_id)
    left join built using (account_id)
)

select
    found.account_id,
    account_tier_now.tier,
    found.crossing,
    found.from_at,
    found.to_at,
    date_diff('second', found.from_at, found.to_at) / 86400.0 as days,
    found.sales_event
from found
join account_tier_now using (account_id)
where found.crossing is not null and account_tier_now.tier <> 'internal'
