-- metric: enterprise_readiness
-- label: Enterprise readiness
-- question: What has to be settled before an enterprise signs, how far is it, and whose move is it?
-- unit: rows
-- grain: one row an account and item
-- good: -
-- definition: Security documents, legal review, SLA, support tier, peer case study, integration help, decision maker met. A person's word comes first, then a step
--   of procurement, the contract, what was done for the account, and its tickets. Not begun: the steps of its negotiation are written down, and
--   this is none of them. Not known: nobody tells; it is never taken for not done.
-- column item: security, legal, sla, support_tier, case_study, integration, decision_maker
-- column state: done, waiting, not_begun, not_needed or not_known
-- column dated_at: when it was done, or since when it waits
-- column days_waiting: the snapshot's day − that date, where it waits
-- column whose_move: us or them; null where nobody says
-- column owner: of the item, else of the account
-- column evidence: what shows it
-- column by_person: whether a person said so

select
    readiness_item.account_id,
    account.name,
    readiness_item.tier,
    readiness_item.position,
    readiness_item.item,
    readiness_item.label,
    readiness_item.state,
    readiness_item.dated_at,
    round(readiness_item.days_waiting, 1) as days_waiting,
    readiness_item.whose_move,
    readiness_item.owner,
    nullif(readiness_item.evidence, '') as evidence,
    readiness_item.by_person
from readiness_item
join account using (account_id)
where ($account is null or readiness_item.account_id in (select account_id from account_alias where alias_id = $account))
    and ($tier is null or readiness_item.tier = $tier)
order by account.name, readiness_item.account_id, readiness_item.position
