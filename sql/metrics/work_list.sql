-- metric: work_list
-- label: Work list
-- question: What is to be done, by whom, until when, and what came of it?
-- unit: rows
-- grain: one row an account that is stalled, or that was contacted or is waited for
-- good: -
-- definition: The stalled accounts, and those that moved on or stand for other reasons after somebody of ours was in contact. A judgement holds for the
--   stage at which it was made: an account that stalls at a later one is open again. Who moved on after a contact is shown as won back.
-- column stalled: whether it is stalled today
-- column reason: the first reason that holds; of one that is not stalled, the reason that the list showed when it was decided about
-- column value_at_risk: in the reporting currency; null where it is not stalled, or too few have paid to tell
-- column stage_position: the stage's place in the tier's order
-- column since: its last step forward
-- column stands_since: since when it stands there: that step, or the day on which it went back
-- column stalled_on: the day on which it became stalled
-- column owner: who of ours looks after the account
-- column named_by: person, contract, opportunity or rule
-- column ruled_owner: the owner where no person names one
-- column ruled_by: contract, opportunity or rule
-- column status: open, contacted, waiting, won_back or given_up
-- column judged_stage: the stage that the judgement is about, where one holds
-- column proposed_action: what its reason proposes
-- column due_days: the days that its reason gives
-- column due_on: until when; null where nothing is left to do
-- column due_is_judged: whether a person set that day
-- column contacted_at: the last contact
-- column moved_at: when it left the stage at which something was last decided
-- column moved_to: the stage that it reached then

select
    work_item.account_id,
    account.name,
    work_item.tier,
    work_item.stage,
    work_item.stalled,
    stall.position as stage_position,
    stall.since,
    stall.stands_since,
    work_item.stalled_on,
    round(stall.days, 1) as days,
    round(stall.threshold_days, 1) as threshold_days,
    stall.threshold_basis,
    work_item.reason,
    work_item.reason_label,
    stall.secondary_reasons as secondary,
    stall.evidence,
    stall.value_at_risk_micros / 1000000 as value_at_risk,
    work_item.owner,
    work_item.named_by,
    work_item.ruled_owner,
    work_item.ruled_by,
    work_item.status,
    work_item.judged_stage,
    work_item.next_action,
    work_item.proposed_action,
    work_item.whose_move,
    work_item.due_days,
    work_item.due_on,
    work_item.due_is_judged,
    work_item.contacted_at,
    work_item.given_up_because,
    work_item.moved_at,
    work_item.moved_to,
    work_item.notes,
    work_item.last_note
from work_item
join account using (account_id)
left join stall on stall.account_id = work_item.account_id and stall.stalled
where ($account is null or work_item.account_id in (select account_id from account_alias where alias_id = $account))
    and ($tier is null or work_item.tier = $tier)
    and ($stage is null or work_item.stage = $stage)
    and ($reason is null or work_item.reason = $reason)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, work_item.account_id)), lower($search)))
order by stall.value_at_risk_micros desc nulls last, stall.days desc nulls last, work_item.account_id
