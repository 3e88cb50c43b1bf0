-- materialise: view
-- One row per subscription and period from which a bill holds tax inside its prices: the share of a price that is ours.

select source, subscription_id, starts_at, min(1 - tax_inside / nullif(cast(amount - discount as double), 0)) as share
from invoice_line
where tax_inside <> 0 and subscription_id is not null
group by source, subscription_id, starts_at
