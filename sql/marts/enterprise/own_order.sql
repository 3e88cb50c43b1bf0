-- One row per account and order that it made by itself: a subscription that no negotiated contract stood behind. One that begins on the day of
-- a signature or later is how the contract is billed.

with signed as (
    select contract_state.account_id, min(cast(coalesce(contract.signed_at, contract.starts_at) as date)) as day
    from contract_state
    join contract using (node)
    where contract.terms is distinct from 'self_serve' and contract_state.state in ('in force', 'ended')
    group by contract_state.account_id
)

select distinct stage_event.account_id, stage_event.occurred_at as ordered_at
from stage_event
left join signed using (account_id)
where stage_event.stage = 'contracted' and stage_event.event = 'self-service order'
    and cast(stage_event.occurred_at as date) < coalesce(signed.day, date '9999-12-31')
    and stage_event.occurred_at <= (select as_of from snapshot_info)
