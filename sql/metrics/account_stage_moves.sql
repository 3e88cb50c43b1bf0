-- metric: account_stage_moves
-- label: Changes of stage
-- question: When did it move on, when did it go back, and what shows it?
-- unit: rows
-- grain: one row a change of the account's stage, its first step included
-- good: -
-- definition: Forward is a stage reached for the first time. Back is production without a success for the days set in program.toml (60), or a payer whose
--   last paid period ended without another bill in the 30 days after nor anything else that pays. Again is the same stage reached after that.
-- column occurred_at: when
-- column direction: forward, back or again
-- column from_stage: the stage that it left; null for its first step
-- column to_stage: the stage that it stands in from then on
-- column event: what shows it
-- column event_ref: the record that shows it, or the last day of success

select
    stage_transition.occurred_at,
    stage_transition.direction,
    stage_transition.from_stage,
    stage_transition.to_stage,
    stage_transition.event,
    stage_transition.event_ref
from stage_transition
where stage_transition.account_id in (select account_id from account_alias where alias_id = $account)
order by stage_transition.occurred_at, stage_transition.direction desc, stage_transition.to_stage
