-- One row per day, regulated service, its kind of data, account and country: calls with a key and without, the tier of the day, and whether the country
-- may call it: allowed, outside, unknown (no database of countries, or one that does not have the address), or any (no region is declared).

select
    caller_place_day.day,
    regulated.position,
    regulated.service,
    caller_account.account_id,
    coalesce(account_tier.tier, 'public') as tier,
    caller_place_day.client_country as country,
    case
        when regulated.countries is null then 'any'
        when caller_place_day.client_country is null then 'unknown'
        when list_contains(regulated.countries, caller_place_day.client_country) then 'allowed'
        else 'outside'
    end as standing,
    cast(sum(caller_place_day.calls) as bigint) as calls,
    cast(sum(caller_place_day.ok) as bigint) as ok
from caller_place_day
join regulated on regulated.service = caller_place_day.service
join caller_account using (caller_id)
left join account_tier on account_tier.account_id = caller_account.account_id
    and caller_place_day.day >= account_tier.covers_from and caller_place_day.day < account_tier.covers_to
group by all
