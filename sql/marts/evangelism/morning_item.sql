-- One row per account and list of the morning on which it stands: failing, quiet, outgrew (free, and no way up), fell (two levels of use or more, last
-- whole month), new (signed up yesterday) and no_call (signed up three to fourteen days ago, no call yet); what shows it, since when, and of which
-- developer where one is known. `place` orders the lists, the most pressing first; `weight` the rows of one, the largest first.

with today as (
    select as_of, cast(as_of as date) as day
    from snapshot_info
),

items as (
    select
        account_id,
        'failing' as list,
        1 as place,
        if(side = 'ours', 1000000, 0) + max(side_failed) as weight,
        max(route_last_at) as since,
        side_name || ': ' || string_agg(failed || ' × ' || status || coalesce(' on ' || route, ''), ', ' order by failed desc, status)
            || ', of ' || any_value(calls) || ' calls on ' || strftime(any_value(day), '%-d %b') as evidence,
        arg_max(developer_node, failed) as node
    from (
        select *, case side when 'ours' then 'our errors' when 'throttled' then 'throttled' else 'refused' end as side_name
        from failing_now
        where is_failing
    )
    group by account_id, side, side_name

    union all

    select
        account_id,
        'quiet',
        2,
        coalesce(revenue_micros, 0) / 1000000 + ok / 1000000,
        cast(last_ok_on as timestamp),
        'successful in ' || weeks || ' of 8 weeks, silent for ' || days_quiet || ' days; '
            || concat_ws(', ', case when paid then 'paid in the last year' end, case when in_production then 'was in production' end,
                case when is_partner then 'a partner' end, case when is_heavy then 'called more than nine in ten' end),
        null
    from gone_quiet

    union all

    select
        account_id,
        'outgrew',
        3,
        ok + refused,
        null,
        concat_ws(
            ', ',
            case when is_limited then refused || ' calls over the limit in 30 days' end,
            case when is_large then ok || ' answered in 30 days, the median that pays had ' || cast(round(median_payer_ok) as bigint) end
        ) || if(way = 'unknown', '; which plan it is on is not known', '; no plan above ' || plan || ' to take, and nobody leads a sale'),
        null
    from outgrew_free
    where way in ('none', 'unknown')

    union all

    select
        account_id,
        'fell',
        4,
        level_before - level,
        cast(month as timestamp),
        use_before || ' in ' || strftime(month - interval 1 month, '%B') || ', ' || use || ' in ' || strftime(month, '%B'),
        node
    from developer_month
    where move = 'down' and level_before - level >= 2
        and month = (select max(month) from developer_month where not is_unfinished)

    union all

    select account_id, 'new', 5, 0, signed_up_at, 'signed up' || coalesce(' through ' || channel, ', nobody knows through what') || coalesce(', from ' || referrer, ''), node
    from developer_seen
    cross join today
    where cast(signed_up_at as date) = today.day - 1

    union all

    select
        account_id,
        'no_call',
        6,
        0,
        signed_up_at,
        'signed up ' || (today.day - cast(signed_up_at as date)) || ' days ago' || coalesce(' through ' || channel, '') || ', no call yet',
        node
    from developer_seen
    cross join today
    where first_call_at is null and cast(signed_up_at as date) between today.day - 14 and today.day - 3
)

select account_id, list, place, weight, since, evidence, node
from items
qualify row_number() over (partition by account_id, list order by weight desc, since desc nulls last, node) = 1
