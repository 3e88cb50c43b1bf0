-- One row per account that is served on the wrong path: `unowned` looks like an enterprise and nobody leads it; `held_up` is small, explores,
-- and waits behind a sales step. Days lost count since it looked so (the sign that made up the number that [path_rules] asks for), or since it began
-- to wait. Only open and public accounts that were seen of late; partners have people of ours by their agreement.

with today as (
    select as_of, path_rule.waits_after_days
    from snapshot_info
    cross join path_rule
),

waits as (
    select account_id, min(since) as since, string_agg(evidence, '; ' order by since, kind, evidence) as evidence, list(kind order by since, kind) as kinds
    from sales_wait
    cross join today
    where since <= as_of - to_days(waits_after_days)
    group by account_id
)

select
    account_path.account_id,
    account_path.tier,
    'unowned' as mismatch,
    account_path.served,
    account_path.fits,
    account_path.looks_since as since,
    account_path.first_signal_at,
    date_diff('second', account_path.looks_since, today.as_of) / 86400.0 as days_lost,
    account_path.strong_signals as signals,
    array_to_string(account_path.signal_labels, ', ') as signal_labels,
    account_path.fits_evidence as evidence,
    account_path.served_evidence
from account_path
cross join today
where account_path.looks_enterprise and account_path.fits = 'sales-led' and account_path.served = 'self-service'
    and account_path.tier in ('open', 'public') and account_path.is_seen

union all

select
    account_path.account_id,
    account_path.tier,
    'held_up',
    account_path.served,
    account_path.fits,
    waits.since,
    account_path.first_signal_at,
    date_diff('second', waits.since, today.as_of) / 86400.0,
    len(waits.kinds),
    array_to_string(list_distinct(waits.kinds).list_sort(), ', '),
    waits.evidence,
    account_path.fits_evidence
from account_path
join waits using (account_id)
cross join today
where account_path.fits = 'self-service' and not account_path.pays and account_path.tier in ('open', 'public') and account_path.is_seen
