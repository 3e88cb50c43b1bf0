-- One row per pair of records that a person has decided about; of several decisions the newest that is not undone holds.

with decisions as (
    select
        left_kind || ':' || left_source || ':' || left_id as left_node,
        right_kind || ':' || right_source || ':' || right_id as right_node,
        action,
        author,
        decided_at,
        id
    from raw_identity_decision
    where undone_at is null
)

select
    least(left_node, right_node) as left_node,
    greatest(left_node, right_node) as right_node,
    arg_max(action, (decided_at, id)) as action,
    arg_max(author, (decided_at, id)) as author,
    max(decided_at) as decided_at
from decisions
group by 1, 2
