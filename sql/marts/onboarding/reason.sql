-- One row per reason that an account may stall for, in the order in which they are tried: what to call it, the next action, whose move it is
-- and within how many days. `is_rest` is the last, which always holds.

select
    position,
    reason,
    label,
    condition,
    evidence,
    next_action,
    whose_move,
    due_days,
    condition = 'always' as is_rest
from program_stall_reason
