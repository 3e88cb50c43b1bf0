-- One row per account and span of days in one bucket: internal, partner, billable, active, new or inactive; the first that holds.
-- Spans touch, none begins after the snapshot's day, and `valid_to` is null today.
-- billable: a paid bill's period (at least 31 days); active: a success in the 30 days before; new: 30 days from sign-up.

with success_days as (
    select account_id, day
    from account_day
    where ok > 0
),

-- days of success less than 30 apart are one island
active as (
    select account_id, min(day) as since, max(day) + 30 as until
    from (
        select account_id, day, sum(begins) over (partition by account_id order by day) as island
        from (
            select account_id, day,
                case when day - lag(day) over (partition by account_id order by day) <= 30 then 0 else 1 end as begins
            from success_days
        )
    )
    group by account_id, island
),

spans as (
    select account_id, tier as bucket, if(tier = 'internal', 1, 2) as rank, valid_from as since, coalesce(valid_to, date '9999-12-31') as until
    from account_tier
    where tier in ('internal', 'partner')

    union all

    select account_id, 'billable', 3, day, covered_to from paid_span

    union all

    select account_id, 'active', 5, since, until from active

    union all

    select account_id, 'new', 4, cast(signed_up_at as date), cast(signed_up_at as date) + 30 from account_seen where signed_up_at is not null

    union all

    select account_id, 'inactive', 6, first_day, date '9999-12-31' from account_seen where first_day is not null
),

turns as (
    select account_id, since as day from spans where since <= (select cast(as_of as date) from snapshot_info)
    union
    select account_id, until from spans where until <= (select cast(as_of as date) from snapshot_info)
),

decided as (
    select turns.account_id, turns.day, arg_min(spans.bucket, spans.rank) as bucket
    from turns
    join spans on spans.account_id = turns.account_id and turns.day >= spans.since and turns.day < spans.until
    group by turns.account_id, turns.day
),

changes as (
    select *
    from decided
    qualify bucket is distinct from lag(bucket) over (partition by account_id order by day)
)

select
    account_id,
    bucket,
    day as valid_from,
    lead(day) over (partition by account_id order by day) as valid_to
from changes
