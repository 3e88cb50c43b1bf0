-- One row per customer of the biller that pays now: by a running subscription, else by a bill whose time is not over or that was paid of late.
-- `account_id` is whose money it is: an organization that the biller names, or whose address the bill goes to, before the account whose
-- key the customer carries, because somebody may pay for another's application.

with free as (
    select item.source, item.subscription_id
    from raw_subscription_item as item
    left join raw_price as price on price.source = item.source and price.id = item.price_id
    group by item.source, item.subscription_id
    having bool_and(coalesce(price.unit_amount = 0 and coalesce(price.billing_scheme, '') <> 'tiered', false))
),

-- a trial and a plan without a price are not paid
subscribed as (
    select subscription.source, subscription.customer_id, cast(min(subscription.started_at) as date) as since
    from subscription
    left join free on free.source = subscription.source and free.subscription_id = subscription.id
    where subscription.status in ('active', 'past_due') and free.subscription_id is null
        and (subscription.ended_at is null or subscription.ended_at > (select as_of from snapshot_info))
    group by subscription.source, subscription.customer_id
),

billed as (
    select revenue_event.source, revenue_event.customer_id, min(revenue_event.day) as since
    from revenue_event
    join invoice on invoice.source = revenue_event.source and invoice.id = revenue_event.invoice_id
    where revenue_event.kind = 'invoice' and revenue_event.net_minor > 0
    group by revenue_event.source, revenue_event.customer_id
    having max(greatest(revenue_event.day + 92, coalesce(cast(invoice.period_ends_at as date), revenue_event.day)))
        >= (select cast(as_of as date) from snapshot_info)
),

named as (
    select billing_customer.node, min(account_member.account_id) as account_id
    from billing_customer
    join organization on organization.id = billing_customer.organization_ref
    join account_member on account_member.node = organization.node
    group by billing_customer.node
    having count(distinct account_member.account_id) = 1
),

-- the bill goes to an address at another organization than the one whose application it is for
addressed as (
    select billing_customer.node, min(account_member.account_id) as account_id
    from billing_customer
    join domain_of on domain_of.email_or_host = billing_customer.email and domain_of.linkable
    join account_member on account_member.node = 'domain:' || domain_of.domain
    where billing_customer.consumer_ref is not null
    group by billing_customer.node
)

select
    customer_account.node,
    customer_account.source,
    customer_account.customer_id,
    customer_account.account_id as billed_account_id,
    coalesce(named.account_id, addressed.account_id, customer_account.account_id) as account_id,
    case
        when named.account_id is not null then 'the biller names the organization'
        when addressed.account_id is distinct from customer_account.account_id and addressed.account_id is not null
            then 'billed at another organization''s address'
        else customer_account.evidence
    end as evidence,
    case
        when named.account_id is not null then 0.98
        when addressed.account_id is distinct from customer_account.account_id and addressed.account_id is not null then 0.85
        else customer_account.confidence
    end as confidence,
    subscribed.customer_id is not null as subscribes,
    coalesce(subscribed.since, billed.since) as since
from customer_account
left join subscribed using (source, customer_id)
left join billed using (source, customer_id)
left join named using (node)
left join addressed using (node)
where subscribed.customer_id is not null or billed.customer_id is not null
