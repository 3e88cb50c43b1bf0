-- metric: procurement_aging
-- label: Procurement that waits
-- question: Which steps are open, since when, whose move is it, and what is it worth?
-- unit: rows
-- grain: one row an open step, the longest wait first
-- good: down
-- definition: Days waiting: the snapshot's day − the last date known (the step's own beginning, else the end of the step before, else the draft). A step still open
--   when its contract was signed or given up waits for nobody. Compared with finished steps of its kind; where fewer than 30 of them ended, with all kinds
--   together; where fewer than 30 ended at all, with nothing. Value: the contract's, by the year, at the rate of the snapshot's day.
-- column kind: security, legal, procurement, decision, sla, integration, case_study, support, signature or other, by the step's name
-- column waiting_for: the party, as the sheet names it
-- column whose_move: us or them; null where nobody says
-- column kind_n: finished steps of its kind
-- column compared_with: its kind, all kinds, or null
-- column compared_n: finished steps that median_days and p75_days rest on
-- column ageing: usual, longer than half, longer than three of four, nothing to compare with, or no date
-- column value: the contract's annual value in the reporting currency
-- column unpriced_reason: why it is null

select
    procurement_waiting.account_id,
    account.name,
    procurement_waiting.tier_of_account as tier,
    procurement_waiting.* exclude (account_id, node, value_micros, tier_of_account, days_waiting, median_days, p75_days, contract_owner),
    round(procurement_waiting.days_waiting, 1) as days_waiting,
    round(procurement_waiting.median_days, 1) as median_days,
    round(procurement_waiting.p75_days, 1) as p75_days,
    procurement_waiting.value_micros / 1000000 as value,
    coalesce(account.owner, procurement_waiting.contract_owner) as owner
from (
    select procurement_waiting.*, account_tier_now.tier as tier_of_account
    from procurement_waiting
    join account_tier_now using (account_id)
) as procurement_waiting
join account using (account_id)
where ($tier is null or procurement_waiting.tier_of_account = $tier)
    and ($account is null or procurement_waiting.account_id in (select account_id from account_alias where alias_id = $account))
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, procurement_waiting.account_id)), lower($search)))
order by procurement_waiting.days_waiting desc nulls last, procurement_waiting.account_id, procurement_waiting.step
