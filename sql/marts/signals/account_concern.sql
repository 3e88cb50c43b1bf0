-- One row per account with something open: its first concern, by the order below, in words with its day, and how many there are. The same things as the
-- Stalled, Sales path, Enterprise, Support and Rules pages list.

with concerns as (
    select account_id, 1 as rank, 'procurement' as kind,
        'waits for ' || coalesce(procurement_waiting.waiting_for, procurement_waiting.kind) || ': ' || replace(procurement_waiting.step, '_', ' ') as concern,
        cast(procurement_waiting.since as timestamp) as since
    from procurement_waiting

    union all

    select account_id, 2, 'ticket', coalesce(subject, 'a ticket without a subject'), created_at
    from ticket_fact
    where is_open

    union all

    select account_id, 3, 'no owner', 'looks like an enterprise and nobody leads it', cast(since as timestamp)
    from path_mismatch
    where mismatch = 'unowned'

    union all

    select account_id, 4, 'stalled', reason.label, cast(stall.stalled_at as timestamp)
    from stall
    join reason using (reason)
    where stall.stalled

    union all

    select account_id, 5, 'exposure', 'calls ' || service || ', which is not meant for its tier', cast(last_day as timestamp)
    from exposure_finding
    where finding = 'breach' and last_day >= (select cast(as_of as date) - 90 from snapshot_info)
)

select
    account_id,
    arg_min(kind, (rank, since is null, since, concern)) as kind,
    arg_min(concern, (rank, since is null, since, concern)) as concern,
    arg_min(since, (rank, since is null, since, concern)) filter (where since is not null) as since,
    count(*) as concerns
from concerns
where not starts_with(account_id, 'nobody:')
group by account_id
