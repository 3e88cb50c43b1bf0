-- metric: scraper_parts
-- label: How many callers show each part of the scraper score
-- question: Of those who call enough to tell, how many show each part?
-- unit: callers
-- grain: one row a part
-- good: -
-- definition: Callers with a key in the last days that [scraper_rules] names, our own teams, monitors and tests left out. A part is known of a caller from the
--   number of calls on that [scraper_rules] names; of the others it is unknown, not absent.
-- column part: addresses, sequential, regular or lists
-- column shown: callers of which it stands out
-- column known: callers of which it is known
-- column callers: all callers
-- column stands_out_from: from what on it stands out
-- column parts_needed: how many parts ask for a look
-- column within_days: the days that are looked at
-- column calls_needed: how many calls or pairs it takes to tell

with callers as (
    select *
    from scraper_part
    where not is_test and tier <> 'internal'
        and ($tier is null or tier = $tier)
        and ($service is null or list_contains(services, $service))
),

counted as (
    select
        count(*) as callers,
        count(shows_addresses) as addresses_known,
        count(*) filter (where shows_addresses) as addresses,
        count(shows_sequential) as sequential_known,
        count(*) filter (where shows_sequential) as sequential,
        count(shows_regular) as regular_known,
        count(*) filter (where shows_regular) as regular,
        count(shows_lists) as lists_known,
        count(*) filter (where shows_lists) as lists
    from callers
)

select 'addresses' as part, addresses as shown, addresses_known as known, callers, cast(addresses_an_hour as double) as stands_out_from, calls_needed, parts_needed, within_days
from counted cross join scraper_rule
union all
select 'sequential', sequential, sequential_known, callers, sequential_share, calls_needed, parts_needed, within_days from counted cross join scraper_rule
union all
select 'regular', regular, regular_known, callers, regular_share, calls_needed, parts_needed, within_days from counted cross join scraper_rule
union all
select 'lists', lists, lists_known, callers, list_share, calls_needed, parts_needed, within_days from counted cross join scraper_rule
