-- One row per account and number of days: the probability that it pays within 180 days of its beginning, by the version of the model that holds now.
-- The products are added as whole numbers (of 10^-12), as a sum of fractions depends on their order.

with scored as (
    select
        triage_value.account_id,
        triage_value.window_day,
        triage_model.version,
        triage_model.kind,
        triage_model.base_rate,
        triage_model.intercept + sum(cast(round(1e12 * triage_weight.weight * triage_value.value) as bigint)) / 1e12 as log_odds
    from triage_value
    join triage_weight on triage_weight.window_day = triage_value.window_day and triage_weight.trait = triage_value.trait
    join triage_model on triage_model.version = triage_weight.version and triage_model.window_day = triage_weight.window_day
    where triage_model.is_current and triage_weight.is_current
    group by triage_value.account_id, triage_value.window_day, triage_model.version, triage_model.kind, triage_model.base_rate, triage_model.intercept
)

select *, 1 / (1 + exp(-log_odds)) as probability
from scored
