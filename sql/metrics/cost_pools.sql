-- metric: cost_pools
-- label: How costs are shared out
-- question: By which rules does this snapshot share out costs?
-- unit: rules
-- grain: one row a pool of program.toml
-- good: -
-- definition: The cost pools as this snapshot was built by: method, driver, the API that a pool is limited to, the FOCUS services in it, fixed shares by tier and
--   unit costs with their first days.
-- column position: the order in program.toml
-- column pool: its name
-- column method: driver, even, fixed or unit
-- column driver: what it is shared out by
-- column service: the API that it is limited to; null for all
-- column services: the FOCUS service names in it
-- column shares: fixed shares by tier, as text
-- column unit_costs: unit costs from their days on, as text

select
    position,
    pool,
    method,
    driver,
    service,
    (select string_agg(cost_service, ', ' order by cost_service) from program_cost_service as listed where listed.pool = pools.pool) as services,
    (select string_agg(tier || ' ' || cast(percent as double) || ' %', ', ' order by share.position) from program_cost_share as share where share.pool = pools.pool)
        as shares,
    (select string_agg(strftime(valid_from, '%Y-%m-%d') || ' ' || micros_per_unit, ', ' order by valid_from) from program_unit_cost as unit where unit.pool = pools.pool)
        as unit_costs
from program_cost_pool as pools
order by position
