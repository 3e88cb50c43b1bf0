-- metric: triage_versions
-- label: Versions of the model
-- question: When was it learned anew, and from what?
-- unit: accounts
-- grain: one row a version and number of days; the newest first
-- good: -
-- definition: A version is learned when a tenth more have paid than the last one knew, ten at the least, and is kept for good: asked for by its name it gives the scores of
--   its time again. The prior is no version: it is what judgement says.
-- column version: its name: the day, and a mark made of its weights
-- column window_day: days
-- column learned_on: the day
-- column is_current: whether it is the one that holds now
-- column accounts: accounts that it was learned from
-- column conversions: of them, known to have paid
-- column entered_from: when the first of them began
-- column entered_to: when the last of them began
-- column base_rate: the share that it expects to pay

select version, window_day, learned_on, is_current, accounts, conversions, entered_from, entered_to, base_rate
from triage_model
where kind = 'learned' or is_current
order by learned_on desc, version, window_day
