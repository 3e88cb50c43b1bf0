-- One row per account with a next stage that a rule of program.toml gives an owner: the first rule that holds.

with facts as (
    select account_id, unnest(['tier', 'stage', 'reason', 'whose_move', 'always']) as field, unnest([tier, stage, reason, whose_move, 'always']) as value
    from stall

    union all

    select
        account_id,
        if(starts_with(dimension, 'attribute: '), 'attribute', dimension),
        if(starts_with(dimension, 'attribute: '), substr(dimension, 12) || '=' || value, value)
    from entrant_segment
    where value is not null and dimension not in ('tier', 'stage', 'reason', 'whose_move', 'always')
)

select
    facts.account_id,
    arg_min(program_owner_rule.owner, program_owner_rule.position) as owner,
    min(program_owner_rule.position) as position
from facts
join program_owner_rule on program_owner_rule.field = facts.field
    and lower(coalesce(program_owner_rule.value, 'always')) = lower(facts.value)
join stall using (account_id)
group by facts.account_id
