-- One row per account that is stalled, or about which somebody was contacted or waits: whose it is, what is to be done until when, and
-- what came of it. A judgement holds for the stage at which it was made; an account that stalls at a later one is open again.
-- Who moved on after a contact is shown as won back; the judgement itself stays as it was made.

with judged as (
    select *
    from account_move
    where is_last
),

contacts as (
    select account_id, max(contacted_at) as contacted_at
    from account_move
    group by account_id
),

notes as (
    select
        coalesce(account_alias.account_id, raw_account_note.account_id) as account_id,
        count(*) as notes,
        arg_max(text, (decided_at, id)) as last_note
    from raw_account_note
    left join account_alias on account_alias.alias_id = raw_account_note.account_id
    where undone_at is null
    group by 1
),

listed as (
    select
        account.account_id,
        account.tier,
        account.stage,
        coalesce(stall.stalled, false) as stalled,
        if(stall.stalled, cast(stall.stalled_at as date), null) as stalled_on,
        -- why it stands there; of an account that moved on, why it stood where somebody wrote to it
        if(stall.stalled, stall.reason, judged.stall_reason) as reason,
        if(stall.stalled, stall.next_action, null) as proposed_action,
        judged.id is not null and not coalesce(stall.stalled and (judged.decided_at < stall.stands_since or judged.position < stall.position), false) as is_judged,
        judged.stage as judged_stage,
        judged.* exclude (account_id, stage, reason, is_last, position)
    from account
    left join stall using (account_id)
    left join judged using (account_id)
    where stall.stalled
        or judged.status in ('contacted', 'waiting')
        or (judged.status = 'open' and judged.moved_at is null)
),

said as (
    select
        *,
        case
            when not is_judged then 'open'
            when status in ('contacted', 'waiting') and moved_at >= contacted_at then 'won_back'
            else status
        end as shown_status
    from listed
)

select
    said.account_id,
    said.tier,
    said.stage,
    said.stalled,
    said.stalled_on,
    said.reason,
    reason.label as reason_label,
    reason.whose_move,
    reason.due_days,
    coalesce(account_owner.owner, stall_owner.owner) as owner,
    coalesce(account_owner.named_by, if(stall_owner.owner is null, null, 'rule')) as named_by,
    coalesce(account_owner.other_owner, stall_owner.owner) as ruled_owner,
    coalesce(account_owner.other_named_by, if(stall_owner.owner is null, null, 'rule')) as ruled_by,
    said.shown_status as status,
    if(is_judged, said.status, null) as judged_status,
    if(is_judged, said.judged_stage, null) as judged_stage,
    coalesce(if(is_judged, said.next_action, null), said.proposed_action) as next_action,
    said.proposed_action,
    is_judged and said.next_action is not null as action_is_judged,
    -- whoever was written to gets the same days again before the next word is due
    case when shown_status in ('won_back', 'given_up') then null
        else coalesce(if(is_judged, said.due_on, null), if(is_judged, cast(said.contacted_at as date), said.stalled_on) + reason.due_days,
            said.stalled_on + reason.due_days) end as due_on,
    is_judged and said.due_on is not null as due_is_judged,
    contacts.contacted_at,
    if(is_judged, said.given_up_because, null) as given_up_because,
    said.moved_at,
    said.moved_to,
    coalesce(notes.notes, 0) as notes,
    notes.last_note
from said
left join reason using (reason)
left join account_owner using (account_id)
left join stall_owner using (account_id)
left join contacts using (account_id)
left join notes using (account_id)
