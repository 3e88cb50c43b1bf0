-- metric: time_to_first_call_bins
-- label: Time to first call, spread
-- question: How many are there in minutes, how many take weeks?
-- unit: accounts
-- grain: one row a tier and span of time, always all spans
-- good: -
-- definition: Accounts by the time from sign-up to the first authenticated success. A span's end belongs to the next one: five minutes are not under five. Those
--   without a success are apart: signed up at least 14 days ago, or younger and so too early to tell. Who succeeded before the sign-up is left out.
-- column place: the span's place
-- column span: under 5 minutes, under an hour, under a day, under a week, under 30 days, longer, not yet, too early to tell
-- column accounts: accounts in it
-- column share: of the tier's accounts that signed up and are in a span

with spans as (
    select *
    from (
        values
            (1, 'under 5 minutes', 5 / 1440),
            (2, 'under an hour', 1 / 24),
            (3, 'under a day', 1.0),
            (4, 'under a week', 7.0),
            (5, 'under 30 days', 30.0),
            (6, 'longer', null),
            (7, 'not yet', null),
            (8, 'too early to tell', null)
    ) as spans (place, span, below_days)
),

placed as (
    select
        tier,
        case
            when days is null and signed_up_at > (select as_of - interval 14 day from snapshot_info) then 8
            when days is null then 7
            else coalesce((select min(place) from spans where days < below_days), 6)
        end as place
    from conversion_first_call
    where not success_is_older
        and ($tier is null or tier = $tier)
        and ($cohort_from is null or signed_up_at >= cast($cohort_from as date))
        and ($cohort_to is null or signed_up_at < cast($cohort_to as date))
        and ($dimension is null or $value is null or account_id in (
            select account_id from conversion_segment where dimension = $dimension and segment = $value
        ))
),

tiers as (
    select tier, count(*) as accounts
    from placed
    group by tier
),

counts as (
    select tier, place, count(*) as accounts
    from placed
    group by tier, place
)

select
    tiers.tier,
    spans.place,
    spans.span,
    coalesce(counts.accounts, 0) as accounts,
    coalesce(counts.accounts, 0) / tiers.accounts as share
from tiers
cross join spans
left join counts on counts.tier = tiers.tier and counts.place = spans.place
order by tiers.tier, spans.place
