-- metric: ticket_topics
-- label: What tickets are about
-- question: What do they write to us about, and how much of it does no rule know?
-- unit: tickets and accounts
-- grain: one row a topic, in the order of the rules, and one for what no rule knows; a ticket with two topics counts in both
-- good: -
-- definition: Topics are found by tags and forms, where these say nothing by the words of the subject, as ticket_topics.toml has them: the home's own file,
--   or the usual one. Tickets are those opened in the period.
-- column topic: the topic's name; unknown for what no rule knows
-- column topic_label: the topic in words
-- column position: its place in the file; null for unknown
-- column counts_as: what the program concludes from it: commercial, security, legal, billing or procurement; null for nothing
-- column tickets: opened in the period
-- column share: of all tickets opened in it
-- column accounts: accounts that opened them
-- column open_tickets: not solved today, whenever they were opened
-- column stalled_accounts: stalled accounts with such an open ticket
-- column sample_subjects: of unknown, up to five subjects that came most often, the most often first, as a list

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until
),

tickets as (
    select
        ticket_fact.account_id,
        ticket_fact.subject,
        ticket_fact.is_open,
        ticket_fact.day >= periods.since and ticket_fact.day < periods.until as is_opened,
        unnest(if(len(ticket_topic.topics) > 0, ticket_topic.topics, ['unknown'])) as topic,
        coalesce(stall.stalled, false) as is_stalled
    from ticket_fact
    cross join periods
    join ticket_topic on ticket_topic.source = ticket_fact.source and ticket_topic.ticket_id = ticket_fact.ticket_id
    left join stall on stall.account_id = ticket_fact.account_id
    where $tier is null or ticket_fact.tier = $tier
),

whole as (
    select count(*) as tickets
    from ticket_fact
    cross join periods
    where ticket_fact.day >= since and ticket_fact.day < until and ($tier is null or ticket_fact.tier = $tier)
),

sums as (
    select
        topic,
        count(*) filter (where is_opened) as tickets,
        count(distinct account_id) filter (where is_opened) as accounts,
        count(*) filter (where is_open) as open_tickets,
        count(distinct account_id) filter (where is_open and is_stalled) as stalled_accounts
    from tickets
    group by topic
),

samples as (
    select list(subject order by times desc, subject)[:5] as subjects
    from (
        select subject, count(*) as times
        from tickets
        where topic = 'unknown' and is_opened and subject is not null
        group by subject
    )
),

topics as (
    select topic, label, position, counts_as
    from program_ticket_topic

    union all

    select 'unknown', 'No rule knows it', null, null
)

select
    topics.topic,
    topics.label as topic_label,
    topics.position,
    topics.counts_as,
    coalesce(sums.tickets, 0) as tickets,
    coalesce(sums.tickets, 0) / nullif(whole.tickets, 0) as share,
    coalesce(sums.accounts, 0) as accounts,
    coalesce(sums.open_tickets, 0) as open_tickets,
    coalesce(sums.stalled_accounts, 0) as stalled_accounts,
    case when topics.topic = 'unknown' then to_json(coalesce(samples.subjects, [])) end as sample_subjects
from topics
cross join whole
cross join samples
left join sums using (topic)
order by topics.position nulls last
