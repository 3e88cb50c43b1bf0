-- One row per account and number of days: the probability that it pays within 180 days of its beginning, by the version of the model that holds now.

select
    triage_value.account_id,
    triage_value.window_day,
    triage_model.version,
    triage_model.kind,
    triage_model.base_rate,
    triage_model.intercept + sum(triage_weight.weight * triage_value.value) as log_odds,
    1 / (1 + exp(- triage_model.intercept - sum(triage_weight.weight * triage_value.value))) as probability
from triage_value
join triage_weight on triage_weight.window_day = triage_value.window_day and triage_weight.trait = triage_value.trait
join triage_model on triage_model.version = triage_weight.version and triage_model.window_day = triage_weight.window_day
where triage_model.is_current and triage_weight.is_current
group by triage_value.account_id, triage_value.window_day, triage_model.version, triage_model.kind, triage_model.base_rate, triage_model.intercept
