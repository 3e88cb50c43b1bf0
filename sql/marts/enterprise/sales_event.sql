-- materialise: view
-- One row per account and event of the steps that sales takes with it: contact, procurement, contract. An order or a bill passes several stages
-- at once and is none of them.

select account_id, stage, occurred_at, event
from stage_event
where stage in ('commercial_contact', 'procurement', 'contracted') and event not in ('self-service order', 'invoice paid')
