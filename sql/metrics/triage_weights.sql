-- metric: triage_weights
-- label: What the model weighs
-- question: Which traits speak for paying, and how strongly?
-- unit: log-odds
-- grain: one row a number of days and trait, of one version of the model; the strongest first
-- good: -
-- definition: The weights of the version that is asked for, else of the one that holds now. A weight is log-odds per unit of the trait, with all others the same; traits
--   that come together share theirs. The prior weight is a judgement, used where fewer than 50 have paid.
-- column version: the version
-- column window_day: days
-- column label: the trait
-- column trait_unit: how it is counted
-- column weight: log-odds per unit
-- column odds: what one unit multiplies the odds by
-- column mean: its mean among those that it was learned from
-- column prior_weight: the weight that judgement gives it
-- column because: why

select
    triage_weight.version,
    triage_weight.window_day,
    triage_trait.label,
    triage_trait.unit as trait_unit,
    triage_weight.weight,
    exp(triage_weight.weight) as odds,
    triage_weight.mean,
    triage_trait.prior_weight,
    triage_trait.because
from triage_weight
join triage_trait using (trait)
where ($window_day is null or triage_weight.window_day = cast($window_day as integer))
    and if($version is null, triage_weight.is_current, triage_weight.version = $version)
order by triage_weight.window_day, abs(triage_weight.weight) desc, triage_trait.position
