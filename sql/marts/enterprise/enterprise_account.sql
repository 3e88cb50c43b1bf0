-- One row per account that is, or looks like, a customer of the sales-led kind: it has a negotiated contract or a sale that is hoped for, goes
-- through procurement, or shows the signs of an enterprise. Our own teams are none, nor is one of which a person said so, unless a contract says more.

with contracts as (
    select
        contract_state.account_id,
        bool_or(contract_state.state = 'in force') as in_force,
        bool_or(contract_state.state in ('not signed', 'not begun') and coalesce(contract.status, '') not in ('lost', 'rejected')) as negotiating,
        arg_max(contract.owner, (contract_state.state = 'in force', coalesce(contract.signed_at, contract.created_at, timestamp '1970-01-01'), contract.node))
            filter (where contract.owner is not null) as owner
    from contract_state
    join contract using (node)
    where contract.terms is distinct from 'self_serve'
    group by contract_state.account_id
),

sales as (
    select account_member.account_id, count(*) as opportunities
    from opportunity
    join account_member using (node)
    where coalesce(opportunity.stage, '') not in ('lost', 'closed lost', 'closedlost', 'won', 'closed won', 'closedwon')
    group by account_member.account_id
),

steps as (
    select account_id, count(*) as steps, count(*) filter (where is_open) as open_steps
    from procurement_step
    group by account_id
)

select
    account_path.account_id,
    account_path.tier,
    case
        when contracts.in_force then 'contract in force'
        when steps.open_steps > 0 then 'in procurement'
        when contracts.negotiating then 'negotiating'
        when sales.opportunities > 0 then 'opportunity'
        when account_path.looks_enterprise then 'looks like one'
        else 'contract ended'
    end as standing,
    coalesce(contracts.negotiating, false) or coalesce(steps.open_steps > 0, false) or coalesce(sales.opportunities > 0, false) as is_in_procurement,
    coalesce(contracts.negotiating and steps.steps > 0, false) as is_recorded,
    coalesce(account_owner.owner, contracts.owner) as owner
from account_path
left join contracts using (account_id)
left join sales using (account_id)
left join steps using (account_id)
left join account_owner using (account_id)
where contracts.account_id is not null or sales.opportunities > 0 or steps.steps > 0 or (account_path.looks_enterprise and not account_path.is_dismissed)
