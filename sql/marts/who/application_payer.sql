-- One row per application that a contract or a customer of the biller covers by name: who pays for it, which may be somebody else.

with keys as (
    select node as application_node, id as key from application
    union
    select node, consumer_ref from application where consumer_ref is not null
    union
    select node, credential_ref from application where credential_ref is not null
    union
    select credential_application.application_node, credential.id
    from credential_application
    join credential using (node)
    where credential_application.application_node is not null
),

named as (
    select key, any_value(application_node) as application_node
    from keys
    group by key
    having count(distinct application_node) = 1
),

ways as (
    select
        named.application_node,
        1 as position,
        'contract for this application' as evidence,
        if(contract.client_pays, application_account.account_id, contract_state.account_id) as account_id,
        least(0.98, contract_state.confidence) as confidence,
        contract_state.node as contract_node,
        customer.node as customer_node,
        contract_state.since
    from contract_state
    join contract using (node)
    join named on named.key = contract.application_ref
    join application_account on application_account.node = named.application_node
    left join billing_customer as customer on customer.id = contract.billing_customer_ref
    where contract_state.state = 'in force' and contract.relation is distinct from 'nobody pays'

    union all

    select
        named.application_node,
        if(customer_payment.subscribes, 2, 3),
        if(customer_payment.subscribes, 'subscription for this application', 'bills paid for this application'),
        customer_payment.account_id,
        customer_payment.confidence,
        null,
        customer_payment.node,
        customer_payment.since
    from customer_payment
    join billing_customer using (node)
    join named on named.key = billing_customer.consumer_ref
)

select *
from ways
qualify row_number() over (partition by application_node order by position, since desc nulls last, contract_node, customer_node) = 1
