-- One row per subject of the scraper score: an account, or a key that is nobody's (`caller:` and its id), over the last days that
-- [scraper_rules] names. Each part beside what it rests on; a part that too few calls tell of is null. Anonymous traffic has no key to be judged
-- by and is in none; our own teams and whatever is a monitor or a test of ours are listed as such and never ask for a look.

with period as (
    select
        cast(as_of as date) - scraper_rule.within_days + 1 as since,
        cast(as_of as date) + 1 as until
    from snapshot_info
    cross join scraper_rule
),

callers as (
    select
        caller_account.caller_id,
        caller_account.account_id,
        if(starts_with(caller_account.account_id, 'nobody:'), 'caller:' || caller_account.caller_id, caller_account.account_id) as subject,
        test_caller.caller_id is not null as is_test
    from caller_account
    left join test_caller using (caller_id)
    where caller_account.evidence <> 'anonymous'
),

-- a test's key says nothing of how its account calls, unless there is no other
subjects as (
    select *
    from callers
    qualify not is_test or bool_and(is_test) over (partition by subject)
),

used as (
    select
        subjects.subject,
        any_value(subjects.account_id) as account_id,
        bool_and(subjects.is_test) as is_test,
        count(distinct usage_day.caller_id) as keys,
        cast(sum(usage_day.calls) as bigint) as calls,
        cast(sum(usage_day.ok) as bigint) as ok,
        cast(sum(usage_day.writes) as bigint) as writes,
        cast(sum(usage_day.refused_quota + usage_day.refused_rate_limit) as bigint) as throttled,
        cast(sum(usage_day.response_bytes) as bigint) as response_bytes,
        count(distinct usage_day.day) as days,
        min(usage_day.day) as first_day,
        max(usage_day.day) as last_day,
        list(distinct usage_day.service order by usage_day.service) filter (where usage_day.service is not null) as services
    from usage_day
    join subjects using (caller_id)
    cross join period
    where usage_day.surface = 'api' and usage_day.day >= period.since and usage_day.day < period.until
    group by subjects.subject
),

paced as (
    select
        subjects.subject,
        max(caller_pace_day.peak_hour_addresses) as peak_hour_addresses,
        cast(sum(caller_pace_day.gap_pairs) as bigint) as gap_pairs,
        cast(sum(caller_pace_day.regular_pairs) as bigint) as regular_pairs,
        cast(sum(caller_pace_day.numbered_pairs) as bigint) as numbered_pairs,
        cast(sum(caller_pace_day.next_pairs) as bigint) as next_pairs
    from caller_pace_day
    join subjects using (caller_id)
    cross join period
    where caller_pace_day.day >= period.since and caller_pace_day.day < period.until
    group by subjects.subject
),

addressed as (
    select subject, max(addresses) as month_addresses
    from (
        select subjects.subject, caller_address_month.caller_id, caller_address_month.month, count(*) as addresses
        from caller_address_month
        join subjects using (caller_id)
        cross join period
        where caller_address_month.month >= date_trunc('month', period.since) and caller_address_month.month < period.until
        group by all
    )
    group by subject
),

listed as (
    select
        subjects.subject,
        -- of a route that is list and item at once nobody knows which was read
        cast(coalesce(sum(usage_route_day.calls) filter (where list_route.route is null or list_route.is_only_list), 0) as bigint) as reads,
        cast(coalesce(sum(usage_route_day.calls) filter (where list_route.is_only_list), 0) as bigint) as list_calls,
        count(distinct (list_route.service, list_route.route)) filter (where list_route.is_only_list) as lists_used
    from usage_route_day
    join subjects using (caller_id)
    left join list_route on list_route.service is not distinct from usage_route_day.service and list_route.route = usage_route_day.route
    cross join period
    where usage_route_day.method = 'GET' and usage_route_day.day >= period.since and usage_route_day.day < period.until
    group by subjects.subject
),

parts as (
    select
        used.*,
        coalesce(account_tier_now.tier, 'public') as tier,
        paced.peak_hour_addresses,
        addressed.month_addresses,
        coalesce(paced.numbered_pairs, 0) as numbered_pairs,
        if(paced.numbered_pairs >= rule.calls_needed, paced.next_pairs / paced.numbered_pairs, null) as sequential_share,
        coalesce(paced.gap_pairs, 0) as gap_pairs,
        if(paced.gap_pairs >= rule.calls_needed, paced.regular_pairs / paced.gap_pairs, null) as regular_share,
        coalesce(listed.reads, 0) as reads,
        coalesce(listed.list_calls, 0) as list_calls,
        if(listed.reads >= rule.calls_needed, listed.list_calls / listed.reads, null) as list_share,
        coalesce(listed.lists_used, 0) as lists_used,
        (select count(*) from list_route where is_only_list) as lists_known
    from used
    cross join scraper_rule as rule
    left join paced using (subject)
    left join addressed using (subject)
    left join listed using (subject)
    left join account_tier_now on account_tier_now.account_id = used.account_id
),

judged as (
    select
        parts.*,
        parts.peak_hour_addresses >= rule.addresses_an_hour or parts.month_addresses >= rule.addresses_a_month as shows_addresses,
        parts.sequential_share >= rule.sequential_share as shows_sequential,
        parts.regular_share >= rule.regular_share as shows_regular,
        parts.list_share >= rule.list_share as shows_lists,
        rule.parts_needed
    from parts
    cross join scraper_rule as rule
)

select
    judged.* exclude (parts_needed),
    array_to_string(list_filter([
        if(shows_addresses, 'addresses', null), if(shows_sequential, 'sequential', null),
        if(shows_regular, 'regular', null), if(shows_lists, 'lists', null)
    ], lambda part: part is not null), ',') as parts,
    coalesce(cast(shows_addresses as integer), 0) + coalesce(cast(shows_sequential as integer), 0) + coalesce(cast(shows_regular as integer), 0)
        + coalesce(cast(shows_lists as integer), 0) as parts_shown,
    not is_test and tier <> 'internal' and parts_shown >= parts_needed as asks
from judged
