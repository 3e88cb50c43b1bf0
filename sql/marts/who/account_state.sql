-- One row per account, dimension (bucket, tier, ladder) and span of days in one state, with the state before it.
-- Nobody's traffic is no account here; a span that begins after the snapshot's day is none yet. What no source dates (1970 in the histories)
-- was there the day before all that is dated. `account_tier` is the tier today.

with histories as (
    select 'bucket' as dimension, account_id, bucket as state, valid_from, valid_to from account_bucket
    union all
    select 'tier', account_id, tier, valid_from, valid_to from account_tier
    union all
    select 'ladder', account_id, ladder, valid_from, valid_to from account_ladder
),

known as (
    select coalesce(min(histories.valid_from) filter (where histories.valid_from > date '1970-01-01') - 1, any_value(cast(as_of as date))) as first_day
    from snapshot_info
    left join histories on not starts_with(histories.account_id, 'nobody:')
),

spans as (
    select dimension, account_id, state, greatest(valid_from, known.first_day) as valid_from, valid_to
    from histories
    cross join known
    where not starts_with(account_id, 'nobody:')
)

select
    spans.dimension,
    spans.account_id,
    account_tier_now.tier as account_tier,
    spans.state,
    coalesce(
        lag(spans.state) over (partition by spans.dimension, spans.account_id order by spans.valid_from),
        'not there yet'
    ) as came_from,
    spans.valid_from,
    spans.valid_to
from spans
join account_tier_now using (account_id)
where spans.valid_from <= (select cast(as_of as date) from snapshot_info)
