-- materialise: view
-- One row per account and event that can date a stage: what a record tells, and what the gateway saw.

select account_id, stage, occurred_at, event, event_ref from stage_record
union all
select account_id, stage, occurred_at, event, null from stage_call
