-- One row per customer of the biller: the account that pays as this customer.
-- `resolved` is false where nothing but the bill itself is known: no developer, application, contract or organization record.

with known as (
    select distinct account_id
    from account_member
    where kind in ('developer', 'application', 'credential', 'organization', 'contract')
)

select
    billing_customer.node,
    billing_customer.source,
    billing_customer.id as customer_id,
    account_member.account_id,
    known.account_id is not null as resolved,
    account_member.evidence,
    account_member.confidence
from billing_customer
join account_member using (node)
left join known using (account_id)
