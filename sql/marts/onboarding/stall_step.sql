-- One row per account, moment of stall_moment and kind of step that it waited for then: security, legal, decision or procurement; the one
-- that has waited longest. Whom a step waits for says its kind; else its name does, as procurement_step reads it; what neither tells is procurement's.

with kinds as (
    select
        account_id,
        step,
        waiting_for,
        since,
        open_until,
        coalesce(
            case
                when regexp_matches(waiting_for, 'security|infosec|compliance|privacy|\bciso\b') then 'security'
                when regexp_matches(waiting_for, 'legal|counsel|lawyer') then 'legal'
                when regexp_matches(waiting_for, 'decision|decide|executive|sponsor|economic|buyer|budget|management|\bboard\b') then 'decision'
                when regexp_matches(waiting_for, 'procurement|purchas|vendor|supplier') then 'procurement'
            end,
            if(kind in ('security', 'legal', 'decision'), kind, 'procurement')
        ) as kind
    from procurement_step
    where since is not null and open_until is not null
),

waits as (
    select
        stall_window.account_id,
        stall_window.moment,
        kinds.kind,
        (kinds.since, coalesce(kinds.step, ''), coalesce(kinds.waiting_for, '')) as place,
        kinds.step,
        kinds.waiting_for,
        kinds.since
    from stall_window
    join kinds on kinds.account_id = stall_window.account_id
        and kinds.since <= stall_window.moment
        and kinds.open_until > stall_window.moment
)

select account_id, moment, kind, replace(oldest.step, '_', ' ') as step, oldest.waiting_for, waiting_since
from (
    select
        account_id,
        moment,
        kind,
        -- as one value: arg_min would pass over a null
        arg_min(struct_pack(step := step, waiting_for := waiting_for), place) as oldest,
        min(since) as waiting_since
    from waits
    group by account_id, moment, kind
)
