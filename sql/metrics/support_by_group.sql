-- metric: support_by_group
-- label: Support by group
-- question: Which of our teams spends how much time on tickets, and what does its hour cost?
-- unit: minutes and the reporting currency
-- grain: one row a group of the help desk that worked on a ticket in the period
-- good: -
-- definition: Handling minutes of the period by the group that a ticket has today: recorded work where agents record it, else so many minutes a
--   public reply or note. They cost the group's rate of program.toml, else the rate for all.
-- column group_name: the group; null for tickets without one
-- column tickets: tickets that were worked on
-- column handling_minutes: minutes of work
-- column recorded_share: the share of them that somebody recorded
-- column support_cost: what they cost; null where no rate holds
-- column per_hour: support cost ÷ hours
-- column support_cost_before: support cost in the period before

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

handled as (
    select
        coalesce(support_group.name, support_day.group_id) as group_name,
        support_day.*,
        support_day.day >= since and support_day.day < until as is_now,
        coalesce(support_day.day >= before_since and support_day.day < before_until, false) as is_before
    from support_day
    cross join periods
    left join support_group on support_group.source = support_day.source and support_group.id = support_day.group_id
    left join account_tier on account_tier.account_id = support_day.account_id
        and support_day.day >= account_tier.covers_from and support_day.day < account_tier.covers_to
    where $tier is null or coalesce(account_tier.tier, 'public') = $tier
)

select
    group_name,
    count(distinct (source, ticket_id)) filter (where is_now) as tickets,
    round(sum(minutes) filter (where is_now), 1) as handling_minutes,
    sum(recorded_minutes) filter (where is_now) / nullif(sum(minutes) filter (where is_now), 0) as recorded_share,
    sum(cost_micros) filter (where is_now) / 1000000 as support_cost,
    round(sum(cost_micros) filter (where is_now) * 60 / 1000000
        / nullif(sum(minutes) filter (where is_now and cost_micros is not null), 0), 2) as per_hour,
    sum(cost_micros) filter (where is_before) / 1000000 as support_cost_before
from handled
group by group_name
having count(*) filter (where is_now) > 0
order by handling_minutes desc, group_name
