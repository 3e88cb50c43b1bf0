-- check: no_call_lost
-- question: Is every accepted line counted once for a caller, and every counted call once for an account?
-- severity: error

with sums as (
    select
        (select coalesce(sum(calls), 0) from callers) as by_caller,
        (select coalesce(sum(calls), 0) from usage_day) as by_day,
        (select coalesce(sum(calls), 0) from account_usage_day) as by_account
)

select by_caller, by_day, by_account
from sums
where by_caller <> by_day or by_day <> by_account
