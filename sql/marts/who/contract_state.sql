-- One row per contract of an account: whether it is in force on the snapshot's day, and the days between which it is or was.

with dated as (
    select
        contract.node,
        account_member.account_id,
        account_member.evidence,
        account_member.confidence,
        cast(coalesce(contract.starts_at, contract.signed_at) as date) as since,
        cast(contract.ends_at as date) as until,
        coalesce(contract.status, '') in ('negotiating', 'draft', 'proposed', 'lost', 'rejected') as is_draft,
        coalesce(contract.status, '') in ('ended', 'expired', 'terminated', 'canceled', 'cancelled') as is_ended,
        coalesce(contract.status, '') in ('active', 'signed') as is_active,
        (select cast(as_of as date) from snapshot_info) as today
    from contract
    join account_member using (node)
)

select
    node,
    account_id,
    evidence,
    confidence,
    since,
    until,
    case
        when is_ended or until <= today then 'ended'
        when is_draft or (since is null and not is_active) then 'not signed'
        when since > today then 'not begun'
        else 'in force'
    end as state
from dated
