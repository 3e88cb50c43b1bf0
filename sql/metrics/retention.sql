-- metric: retention
-- label: Retention
-- question: Of those who once succeeded, who still uses it?
-- unit: accounts
-- grain: one row a tier, cohort and week or month since
-- good: up
-- definition: Accounts by the week (from Monday) or month, UTC, of their first success. On: of the cohort, those with a success in that week or month. On or after:
--   those with a success in it or any later one. Periods are of the calendar, so that all of a cohort have the same one. (Others count each account's own
--   30 days, or the accounts active today as kept ever since.) A period that is not over is unfinished and may still rise; on or after may rise in every period, as
--   somebody comes back. Later periods have no row. Period 0 is the cohort's own.
-- column tier: the tier that the accounts have today
-- column cohort: first day of the week or month of the first success
-- column period: weeks or months since
-- column starts_on: its first day
-- column accounts: accounts of the cohort; the n
-- column active: those with a success in the period
-- column active_or_later: those with a success in it or later
-- column retained: active ÷ accounts
-- column retained_or_later: active or later ÷ accounts
-- column is_unfinished: whether the period is not over

select
    tier,
    cohort,
    period,
    starts_on,
    accounts,
    active,
    active_or_later,
    active / accounts as retained,
    active_or_later / accounts as retained_or_later,
    ends_on > (select as_of from snapshot_info) as is_unfinished
from retention_cohort
where grain = coalesce($grain, 'month')
    and ($tier is null or tier = $tier)
    and ($cohort_from is null or cohort >= cast($cohort_from as date))
    and ($cohort_to is null or cohort < cast($cohort_to as date))
order by tier, cohort, period
