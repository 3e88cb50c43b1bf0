-- One row per ticket: what it is about, by the topics of ticket_topics.toml in their order (none where no rule knows it), the first of them,
-- and what the program concludes from them. A tag or a form's name comes before the words of the subject.

with phrases as (
    select
        position,
        kind,
        case
            when kind = 'tag' then trim(regexp_replace(lower(phrase), '[^\p{L}\p{M}\p{N}]+', ' ', 'g'))
            else ' ' || trim(regexp_replace(lower(phrase), '[^\p{L}\p{M}\p{N}_]+', ' ', 'g')) || ' '
        end as phrase
    from program_ticket_phrase
),

tags as (
    select source, ticket_id, trim(regexp_replace(lower(tag), '[^\p{L}\p{M}\p{N}]+', ' ', 'g')) as tag
    from (select source, id as ticket_id, unnest(tags) as tag from ticket)
),

forms as (
    select distinct form, ' ' || regexp_replace(lower(form), '[^\p{L}\p{M}\p{N}_]+', ' ', 'g') || ' ' as words
    from ticket
    where form is not null
),

-- a path such as /v1/rates/quote names an API, not a wish; and billing@acme.example is an address
subjects as (
    select distinct
        subject,
        ' ' || regexp_replace(regexp_replace(lower(subject), '\S*[/@]\S*', ' ', 'g'), '[^\p{L}\p{M}\p{N}_]+', ' ', 'g') || ' ' as words
    from ticket
    where subject is not null
),

named as (
    select tags.source, tags.ticket_id, phrases.position
    from tags
    join phrases on phrases.kind = 'tag' and phrases.phrase = tags.tag

    union

    select ticket.source, ticket.id, found.position
    from ticket
    join (
        select distinct forms.form, phrases.position
        from forms
        join phrases on phrases.kind = 'form' and contains(forms.words, phrases.phrase)
    ) as found on found.form = ticket.form
),

spoken as (
    select ticket.source, ticket.id as ticket_id, found.position
    from ticket
    join (
        select distinct subjects.subject, phrases.position
        from subjects
        join phrases on phrases.kind = 'word' and contains(subjects.words, phrases.phrase)
    ) as found on found.subject = ticket.subject
    where not exists (select 1 from named where named.source = ticket.source and named.ticket_id = ticket.id)
),

topics as (
    select
        found.source,
        found.ticket_id,
        list(program_ticket_topic.topic order by found.position) as topics,
        list(program_ticket_topic.counts_as) filter (where program_ticket_topic.counts_as is not null) as meanings
    from (from named union all from spoken) as found
    join program_ticket_topic using (position)
    group by found.source, found.ticket_id
)

select
    ticket.source,
    ticket.id as ticket_id,
    coalesce(topics.topics, []) as topics,
    topics.topics[1] as topic,
    coalesce(list_contains(topics.meanings, 'commercial'), false) as is_commercial,
    coalesce(list_contains(topics.meanings, 'security'), false) as is_security,
    coalesce(list_contains(topics.meanings, 'legal'), false) as is_legal,
    coalesce(list_contains(topics.meanings, 'billing'), false) as is_billing,
    coalesce(list_contains(topics.meanings, 'procurement'), false) as is_procurement
from ticket
left join topics on topics.source = ticket.source and topics.ticket_id = ticket.id
