-- metric: account_contracts
-- label: Contracts
-- question: What was agreed, is it in force, and what does it wait for?
-- unit: rows
-- grain: one row a contract of the account, or one that another holds for its application
-- good: -
-- definition: In force: signed or begun, and not ended, on the snapshot's day. Waiting: the step that began and is not done.
-- column held_by: the organization that the contract is with
-- column state: in force, not signed, not begun or ended
-- column application: the application that it names; null where it covers the whole account
-- column annual_value: minor units of its own currency
-- column revenue_share_percent: of the partner's revenue that is ours
-- column step: the last step that began
-- column waiting_for: whose move it is, where that step is not done
-- column waiting_since: since when

with here as (
    select distinct account_id
    from account_alias
    where alias_id = $account
),

wanted as (
    select contract_state.node
    from contract_state
    join here using (account_id)
    union
    select chain.contract_node
    from chain
    join here using (account_id)
    where chain.contract_node is not null
),

steps as (
    select
        node,
        arg_max(step, (started_at, step)) as step,
        arg_max(waiting_for, started_at) filter (where done_at is null) as waiting_for,
        min(started_at) filter (where done_at is null) as waiting_since
    from contract_step
    where started_at is not null
    group by node
)

select
    coalesce(contract.organization_name, account.name) as held_by,
    contract_state.state,
    contract.terms,
    contract.relation,
    contract.two_step,
    application.name as application,
    contract.annual_value,
    contract.currency,
    contract.revenue_share_percent,
    contract.signed_at,
    contract.starts_at,
    contract.ends_at,
    steps.step,
    steps.waiting_for,
    steps.waiting_since,
    contract.owner
from wanted
join contract using (node)
join contract_state using (node)
left join account on account.account_id = contract_state.account_id
left join (select id, any_value(name) as name from application group by id) as application on application.id = contract.application_ref
left join steps using (node)
order by contract_state.state = 'ended', coalesce(contract.signed_at, contract.created_at) desc nulls last, contract.node
