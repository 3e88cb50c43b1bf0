-- metric: support_topics
-- label: Topics of tickets
-- question: What do they ask for, and how long does each kind of question take?
-- unit: minutes, tickets and the reporting currency
-- grain: one row a topic; a ticket with two topics counts in both
-- good: -
-- definition: What a ticket is about, as its tags, form and subject say by the rules of ticket_topics.toml; unknown where no rule knows it.
--   Replies are those of tickets opened in the period, resolution of tickets solved in it; the cost is all that was spent on the tickets opened.
-- column topic: the topic's name; unknown for what no rule knows
-- column topic_label: the topic in words
-- column tickets: opened in the period
-- column share: of all tickets opened in it
-- column tickets_before: opened in the period before
-- column accounts: accounts that opened them
-- column first_reply_n: those with a first reply; so first_reply_median and first_reply_p90, in calendar and in business minutes
-- column solved: last solved in the period
-- column resolution_n: of those solved, the ones whose opening is known; so resolution_median, resolution_p90, in calendar and in business minutes
-- column one_touch_share: of those solved, the share that took exactly one public reply
-- column backlog: open tickets of the topic, whenever they were opened
-- column handling_minutes: minutes spent on the tickets opened in the period
-- column support_cost: what they cost; null without any rate

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

topics as (
    select source, ticket_id, unnest(if(len(topics) > 0, topics, ['unknown'])) as topic
    from ticket_topic
),

tickets as (
    select
        ticket_fact.*,
        day >= since and day < until as is_opened,
        coalesce(day >= before_since and day < before_until, false) as is_before,
        coalesce(is_solved and cast(last_solved_at as date) >= since and cast(last_solved_at as date) < until, false) as is_done,
        before_since is not null as has_before
    from ticket_fact
    cross join periods
    where $tier is null or tier = $tier
),

sums as (
    select
        topics.topic,
        count(*) filter (where is_opened) as tickets,
        case when any_value(has_before) then count(*) filter (where is_before) end as tickets_before,
        count(distinct account_id) filter (where is_opened) as accounts,
        count(first_reply_minutes) filter (where is_opened) as first_reply_n,
        round(median(first_reply_minutes) filter (where is_opened), 1) as first_reply_median,
        round(quantile_cont(first_reply_minutes, 0.9) filter (where is_opened), 1) as first_reply_p90,
        count(first_reply_business_minutes) filter (where is_opened) as first_reply_business_n,
        round(median(first_reply_business_minutes) filter (where is_opened), 1) as first_reply_business_median,
        round(quantile_cont(first_reply_business_minutes, 0.9) filter (where is_opened), 1) as first_reply_business_p90,
        count(*) filter (where is_done) as solved,
        count(resolution_minutes) filter (where is_done) as resolution_n,
        round(median(resolution_minutes) filter (where is_done), 1) as resolution_median,
        round(quantile_cont(resolution_minutes, 0.9) filter (where is_done), 1) as resolution_p90,
        count(resolution_business_minutes) filter (where is_done) as resolution_business_n,
        round(median(resolution_business_minutes) filter (where is_done), 1) as resolution_business_median,
        round(quantile_cont(resolution_business_minutes, 0.9) filter (where is_done), 1) as resolution_business_p90,
        count(*) filter (where is_done and one_touch) / nullif(count(*) filter (where is_done), 0) as one_touch_share,
        count(*) filter (where is_open) as backlog,
        round(sum(handling_minutes) filter (where is_opened), 1) as handling_minutes,
        sum(cost_micros) filter (where is_opened) / 1000000 as support_cost
    from tickets
    join topics using (source, ticket_id)
    group by topics.topic
)

select
    sums.topic,
    coalesce(program_ticket_topic.label, 'No rule knows it') as topic_label,
    tickets,
    tickets / nullif((select count(*) from tickets where is_opened), 0) as share,
    sums.* exclude (topic, tickets, support_cost),
    case when has_support_rate then coalesce(support_cost, 0) end as support_cost
from sums
cross join money_known
left join program_ticket_topic using (topic)
where tickets > 0 or solved > 0 or backlog > 0
order by tickets desc, sums.topic
