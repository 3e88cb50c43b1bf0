-- rollup: echo_day
-- partition: day
-- grain: one row a day and source
-- definition: Accepted lines that are no call of their own: the other sidecar's line of a call that is counted (see `lake_request`).
select
    cast(occurred_at as date) as day,
    source,
    count(*) as lines
from lake_request
where is_echo
group by cast(occurred_at as date), source
