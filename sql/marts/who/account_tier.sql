-- One row per account and span of days with one tier; `rule` is the one that decided when the span began.
-- Spans touch and never overlap; the first one reaches back to the account's first day and to all before it; `valid_to` is null today.

with changes as (
    select *
    from tier_decision
    qualify tier is distinct from lag(tier) over (partition by account_id order by valid_from)
)

select
    account_id,
    tier,
    rule,
    valid_from,
    lead(valid_from) over spans as valid_to,
    case when row_number() over spans = 1 then date '0001-01-01' else valid_from end as covers_from,
    coalesce(lead(valid_from) over spans, date '9999-12-31') as covers_to
from changes
window spans as (partition by account_id order by valid_from)
