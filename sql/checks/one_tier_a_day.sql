-- check: one_tier_a_day
-- question: Has every account exactly one tier on every day?
-- severity: error

with spans as (
    select account_id, tier, covers_from, covers_to, lead(covers_from) over (partition by account_id order by covers_from) as next_from
    from account_tier
)

select account_id, covers_from, covers_to, next_from, 'spans do not meet' as why
from spans
where covers_to <> coalesce(next_from, date '9999-12-31')

union all

select account_id, null, null, null, 'no tier at all'
from account
where tier is null or (kind <> 'nobody' and account_id not in (select account_id from account_tier))
