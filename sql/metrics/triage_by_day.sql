-- metric: triage_by_day
-- label: A free account after 3, 7, 14 and 30 days
-- question: How did its probability of paying move in its first days?
-- unit: probabilities
-- grain: one row an account and number of days after which it was still free
-- good: -
-- definition: The probability of a first paid bill within 180 days of its beginning, from what was known after so many days. Of the version of the model that
--   is asked for, else of the one that holds now; the same version gives the same numbers at any later time.
-- column account_id: the account
-- column window_day: days
-- column version: the version of the model
-- column probability: that it pays within 180 days

select
    triage_value.account_id,
    triage_value.window_day,
    triage_model.version,
    1 / (1 + exp(- triage_model.intercept - sum(triage_weight.weight * triage_value.value))) as probability
from triage_value
join triage_weight on triage_weight.window_day = triage_value.window_day and triage_weight.trait = triage_value.trait
join triage_model on triage_model.version = triage_weight.version and triage_model.window_day = triage_weight.window_day
where if($version is null, triage_model.is_current, triage_model.version = $version)
    and ($account is null or triage_value.account_id = coalesce((select account_id from account_alias where alias_id = $account limit 1), $account))
group by triage_value.account_id, triage_value.window_day, triage_model.version, triage_model.intercept
order by triage_value.account_id, triage_value.window_day
