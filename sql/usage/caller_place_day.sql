-- rollup: caller_place_day
-- partition: day
-- grain: one row a day, caller, service, country and named network
-- definition: Where calls of the API came from: the country of the address, by the database of countries that the program names, and the network
--   of program.toml that it lies in. Null is not known: no database, or one that does not have the address. Both were looked up while the
--   line was read; a network that was named later holds from then on.
select
    day,
    caller_id,
    service,
    client_country,
    client_network,
    count(*) as calls,
    count(case when outcome = 'ok' then 1 end) as ok
from request
where surface = 'api'
group by day, caller_id, service, client_country, client_network
