-- materialise: view
-- One row per paid bill above zero: the days that it covers, from the day it was paid to the end of its period, at least 31 days.

select
    revenue_event.account_id,
    revenue_event.source,
    revenue_event.invoice_id,
    revenue_event.day,
    greatest(revenue_event.day + 31, coalesce(cast(invoice.period_ends_at as date), revenue_event.day)) as covered_to
from revenue_event
join invoice on invoice.source = revenue_event.source and invoice.id = revenue_event.invoice_id
where revenue_event.kind = 'invoice' and revenue_event.net_minor > 0
