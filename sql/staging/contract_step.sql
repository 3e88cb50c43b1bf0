-- One row per procurement step of a contract: when it began, when it was done, whose move it is.

with steps as (
    select node, source, id, unnest(steps) as step
    from contract
)

select
    node,
    source,
    id,
    lower(step.step) as step,
    try_cast(step.started_on as timestamp) as started_at,
    try_cast(step.done_on as timestamp) as done_at,
    lower(step.waiting_for) as waiting_for
from steps
