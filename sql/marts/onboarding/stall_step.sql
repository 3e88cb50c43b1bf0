-- One row per account, moment of stall_moment and kind of step that it waited for then: security, legal, decision or procurement; the one
-- that has waited longest. Whom a step waits for says its kind; else its name does; what neither tells is procurement's.

with kinds as (
    select
        account_member.account_id,
        contract_step.step,
        contract_step.waiting_for,
        contract_step.started_at,
        contract_step.done_at,
        list_transform([contract_step.waiting_for, contract_step.step], lambda words: case
            when regexp_matches(words, 'security|infosec|compliance|privacy|penetration|\bsoc ?2\b|\bciso\b') then 'security'
            when regexp_matches(words, 'legal|counsel|lawyer|redline|\bdpa\b|\bmsa\b|\bnda\b') then 'legal'
            when regexp_matches(words, 'decision|decide|executive|sponsor|economic|buyer|budget|management|\bboard\b') then 'decision'
            when regexp_matches(words, 'procurement|purchas|vendor|supplier') then 'procurement'
        end) as told
    from contract_step
    join account_member using (node)
    where contract_step.started_at is not null
),

waits as (
    select
        stall_window.account_id,
        stall_window.moment,
        coalesce(kinds.told[1], kinds.told[2], 'procurement') as kind,
        (kinds.started_at, coalesce(kinds.step, ''), coalesce(kinds.waiting_for, '')) as place,
        kinds.step,
        kinds.waiting_for,
        kinds.started_at
    from stall_window
    join kinds on kinds.account_id = stall_window.account_id
        and kinds.started_at <= stall_window.moment
        and coalesce(kinds.done_at, timestamp '9999-12-31') > stall_window.moment
)

select account_id, moment, kind, replace(oldest.step, '_', ' ') as step, replace(oldest.waiting_for, '_', ' ') as waiting_for, waiting_since
from (
    select
        account_id,
        moment,
        kind,
        -- as one value: arg_min would pass over a null
        arg_min(struct_pack(step := step, waiting_for := waiting_for), place) as oldest,
        min(started_at) as waiting_since
    from waits
    group by account_id, moment, kind
)
