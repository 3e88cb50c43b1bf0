-- One row per account, service and route that it was answered on: the first and the last day of that since counting began. What came first
-- within a day is not known.

select account_id, service, route, min(day) as first_day, max(day) as last_day, count(distinct day) as days, cast(sum(ok) as bigint) as ok
from account_route_day
where ok > 0 and not starts_with(account_id, 'nobody:')
group by account_id, service, route
