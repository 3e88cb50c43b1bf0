-- metric: triage_evidence
-- label: What a free account's class rests on
-- question: Why is it thought likely to pay, or not?
-- unit: log-odds
-- grain: one row a trait that moves the account's log-odds by a tenth or more; the strongest first
-- good: -
-- definition: Its traits in its first days. The weight is how far each moves the log-odds of paying away from those of the average account; the odds are
--   multiplied by e to that power. A weight is what went together with paying among earlier accounts, not a cause; where fewer than 50 have paid it is a
--   judgement.
-- column account_id: the account
-- column window_day: the days that it rests on
-- column label: the trait
-- column evidence: what was seen, in words
-- column contribution: what it adds to the log-odds
-- column odds: what it multiplies the odds by

select
    triage_evidence.account_id,
    triage_evidence.window_day,
    triage_trait.label,
    triage_evidence.evidence,
    triage_evidence.contribution,
    exp(triage_evidence.contribution) as odds
from triage_evidence
join triage_trait using (trait)
where $account is null
    or triage_evidence.account_id = coalesce((select account_id from account_alias where alias_id = $account limit 1), $account)
order by triage_evidence.account_id, abs(triage_evidence.contribution) desc, triage_trait.position
