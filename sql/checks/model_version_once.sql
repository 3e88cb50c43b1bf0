-- check: model_version_once
-- question: Is every version of the triage model there once for each number of days, and does one hold now?
-- severity: error

select version, window_day, count(*) as rows, 'more than once' as why
from triage_model
group by version, window_day
having count(*) > 1

union all

select max(version), window_day, count(*) filter (where is_current), 'not one that holds now'
from triage_model
group by window_day
having count(*) filter (where is_current) <> 1
