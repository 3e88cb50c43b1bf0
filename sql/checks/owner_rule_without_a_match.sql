-- check: owner_rule_without_a_match
-- question: Does an owner rule of program.toml name a reason or a team that there is not?
-- severity: warn

select position, field, value
from program_owner_rule
where (field = 'reason' and value not in (select reason from reason))
    or (field = 'whose_move' and value not in (select whose_move from reason))
order by position, value
