-- One row per version of the model, number of days and trait: its weight (log-odds per unit) and the mean of the accounts that it was learned from.

with listed as (
    select version, window_day, is_current, unnest(from_json(traits, '[{"trait":"VARCHAR","weight":"DOUBLE","mean":"DOUBLE"}]')) as one
    from triage_model
)

select version, window_day, is_current, one.trait as trait, one.weight as weight, one.mean as mean
from listed
