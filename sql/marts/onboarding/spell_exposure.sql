-- One row per stall spell, in microseconds after it became stalled: when it was first contacted, when it moved on, the last moment whose
-- thirty days after it are over, and until when it can be compared: neither moved nor contacted, and those thirty days known.
-- A contact before it became stalled is negative, and the spell is then compared with nothing. A contact is of the last stand that had begun by then.

with contacts as (
    select account_id, since, min(contacted_at) as contacted_at
    from (
        select
            stall_spell.account_id,
            account_move.contacted_at,
            max(stall_spell.since) as since
        from stall_spell
        join account_move on account_move.account_id = stall_spell.account_id
            and account_move.contacted_at >= stall_spell.since
            and account_move.contacted_at < coalesce(stall_spell.moved_at, timestamp '9999-12-31')
        group by stall_spell.account_id, account_move.contacted_at
    )
    group by account_id, since
),

spells as (
    select
        stall_spell.account_id,
        stall_spell.tier,
        stall_spell.stage,
        stall_spell.reason,
        stall_spell.since,
        stall_spell.stalled_at,
        contacts.contacted_at,
        stall_spell.moved_at,
        epoch_us(contacts.contacted_at) - epoch_us(stall_spell.stalled_at) as contacted_us,
        epoch_us(stall_spell.moved_at) - epoch_us(stall_spell.stalled_at) as moved_us,
        epoch_us((select as_of from snapshot_info) - interval 30 day) - epoch_us(stall_spell.stalled_at) as known_us
    from stall_spell
    left join contacts using (account_id, since)
)

select *, least(moved_us, contacted_us, known_us + 1) as comparable_us
from spells
