-- metric: services
-- label: Services
-- question: Which APIs are there?
-- unit: rows
-- grain: one row a service
-- good: -
-- definition: The APIs that were called, busiest first.
-- column service: its name
-- column calls: API calls in all

select service, cast(sum(calls) as bigint) as calls
from account_usage_day
where surface = 'api' and service is not null
group by service
order by calls desc, service
