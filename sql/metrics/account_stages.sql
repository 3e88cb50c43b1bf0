-- metric: account_stages
-- label: Stages
-- question: How did they get here, and how long did each step take?
-- unit: days
-- grain: one row a stage of the account's tier
-- good: -
-- definition: The stages of the account's tier in order; each is reached by its first event on or after the stage before.
--   Stages not reached are rows without a date.
-- column stage: the stage's name
-- column position: its place in the tier's order
-- column reached_at: when it was reached
-- column event: what dates it
-- column days_to_next: days until the next stage was reached; null where it was not

with here as (
    select account_id, tier
    from account
    where account_id in (select account_id from account_alias where alias_id = $account)
)

select
    program_stage.stage,
    cast(program_stage.position as integer) as position,
    account_stage.reached_at,
    account_stage.event,
    account_stage.event_ref,
    round(stage_mover.days, 2) as days_to_next
from here
join program_stage using (tier)
left join account_stage on account_stage.account_id = here.account_id and account_stage.stage = program_stage.stage
left join stage_mover on stage_mover.account_id = here.account_id and stage_mover.stage = program_stage.stage
where program_stage.stage <> 'discovered'
order by program_stage.position
