-- One row per account that pays now for what it uses: by a contract in force, else a running subscription, else bills paid of late.
-- A contract or customer that names one application counts for that application (application_payer) and, here, only after the others.

with ways as (
    select
        contract_state.account_id,
        1 as position,
        'contract of the organization' as evidence,
        contract_state.confidence,
        contract_state.node as contract_node,
        cast(null as varchar) as customer_node,
        contract_state.since
    from contract_state
    join contract using (node)
    where contract_state.state = 'in force' and contract.application_ref is null and not contract.client_pays
        and contract.relation is distinct from 'nobody pays'

    union all

    select
        customer_payment.account_id,
        if(customer_payment.subscribes, 2, 3) + if(billing_customer.consumer_ref is not null, 2, 0),
        if(customer_payment.subscribes, 'subscription', 'bills paid'),
        customer_payment.confidence,
        null,
        customer_payment.node,
        customer_payment.since
    from customer_payment
    join billing_customer using (node)
    -- who pays for another's application does not pay for its own by that
    where customer_payment.account_id = customer_payment.billed_account_id
),

first_of as (
    select *
    from ways
    qualify row_number() over (partition by account_id order by position, confidence desc, coalesce(contract_node, customer_node)) = 1
),

customers as (
    select account_id, arg_min(customer_node, (position, customer_node)) as customer_node
    from ways
    where customer_node is not null
    group by account_id
)

select
    first_of.account_id,
    first_of.evidence,
    first_of.confidence,
    first_of.contract_node,
    coalesce(first_of.customer_node, customers.customer_node) as customer_node,
    first_of.since
from first_of
left join customers using (account_id)
