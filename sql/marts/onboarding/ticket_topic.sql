-- One row per ticket: what it is about, as its tags, form and subject say.

with words as (
    select source, id as ticket_id, lower(concat_ws(' ', subject, form, array_to_string(tags, ' '))) as text
    from ticket
)

select
    source,
    ticket_id,
    regexp_matches(text, '\b(pricing|price|prices|quote|quotation|sales|upgrade|plans?|quota|rate.?limits?|volume|invoice terms|contract|commercial|enterprise)\b')
        as is_commercial,
    regexp_matches(text, '\b(security|soc ?2|iso ?27001|penetration|questionnaire|gdpr|dpa)\b') as is_security,
    regexp_matches(text, '\b(legal|terms|msa|liability|dpa|agreement)\b') as is_legal
from words
