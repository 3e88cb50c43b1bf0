-- One row per decision of a person about whom records belong to, undone ones left out; of several about the same records the newest holds.
-- A shared domain, e-mail or team has no source: its node is its kind and id.

with decisions as (
    select
        *,
        concat_ws(':', left_kind, nullif(left_source, ''), left_id) as left_node,
        if(right_id is null, null, concat_ws(':', right_kind, nullif(right_source, ''), right_id)) as right_node
    from raw_identity_decision
    where undone_at is null
),

-- to confirm, reject, merge and split are answers to one question; each of the others is one of its own
asked as (
    select
        *,
        if(action in ('confirm', 'reject', 'merge', 'split'), 'together', action) as question,
        if(right_node is null, left_node, least(left_node, right_node)) as smaller,
        if(right_node is null, left_node, greatest(left_node, right_node)) as larger
    from decisions
)

select id, action, left_node, right_node, nullif(trim(value), '') as value, author, decided_at, reason
from asked
qualify row_number() over (partition by question, smaller, larger order by decided_at desc, id desc) = 1
