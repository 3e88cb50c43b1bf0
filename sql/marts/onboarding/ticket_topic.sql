-- One row per ticket: what it is about, as its tags, form and subject say.

with words as (
    -- a path such as /v1/rates/quote names an API, not a wish
    select source, id as ticket_id,
        regexp_replace(lower(concat_ws(' ', subject, form, array_to_string(tags, ' '))), '\S*/\S*', ' ', 'g') as text
    from ticket
)

select
    source,
    ticket_id,
    regexp_matches(text, '\b(pricing|price|prices|quote|quotation|sales|upgrade|plans?|quota|rate.?limits?|volume|invoice terms|contract|commercial|enterprise)\b')
        as is_commercial,
    regexp_matches(text, '\b(security|soc ?2|iso ?27001|penetration|questionnaire|gdpr|dpa)\b') as is_security,
    regexp_matches(text, '\b(legal|terms|msa|liability|dpa|agreement)\b') as is_legal,
    regexp_matches(text, '\b(invoices?|billing|payments?|refunds?|receipts?|vat)\b') as is_billing,
    regexp_matches(text, '\b(procurement|purchase orders?|vendor (registration|onboarding|form)|supplier)\b') as is_procurement
from words
