-- One row per account, attribute and span of days in which it holds, `until_day` left out: what the rules look at.
-- `until_day` is null where it still holds. An attribute without a date of its own holds since the account was first seen.

with gateway as (
    select account_member.account_id, 'group' as field, unnest(credential.groups) as value, credential.created_at as since
    from credential
    join account_member using (node)
),

tags as (
    select node, unnest(tags) as value, created_at from credential
    union all
    select node, unnest(tags), created_at from application
    union all
    select node, unnest(tags), created_at from developer
    union all
    select node, unnest(tags), created_at from organization
    union all
    select node, unnest(tags), created_at from support_organization
),

plans as (
    select node, plan as value, created_at from application where plan is not null
    union all
    select node, plan, created_at from credential where plan is not null
),

products as (
    select customer_account.account_id, product.name as value, subscription.started_at, subscription.ended_at
    from subscription
    join customer_account on customer_account.source = subscription.source and customer_account.customer_id = subscription.customer_id
    join raw_subscription_item as item on item.source = subscription.source and item.subscription_id = subscription.id
    join raw_price as price on price.source = item.source and price.id = item.price_id
    join raw_product as product on product.source = price.source and product.id = price.product_id
),

metadata as (
    select node, attributes, created_at from billing_customer
    union all
    select 'organization:' || source || ':' || id, attributes, created_at from raw_organization
    union all
    select 'developer:' || source || ':' || id, attributes, created_at from raw_developer
    union all
    select 'application:' || source || ':' || id, attributes, created_at from raw_application
),

pairs as (
    select node, created_at, unnest(json_keys(attributes)) as key, attributes
    from metadata
    where json_type(attributes) = 'OBJECT'
),

own_domains as (
    select account_member.account_id, identity_node.created_at
    from identity_node
    join account_member using (node)
    join domain_of on domain_of.email_or_host = coalesce(identity_node.email, identity_node.host)
    join program_internal_domain on lower(program_internal_domain.domain) = domain_of.domain
    where identity_node.kind <> 'support_user'
),

-- approved: a developer whose address is verified, with an application under the plan
approved as (
    select
        application_account.account_id,
        coalesce(application.plan, '') as plan,
        greatest(min(developer.verified_at), min(application.created_at)) as since
    from application_account
    join application on application.node = application_account.node
    join developer on developer.node = application_account.developer_node
    where developer.verified_at is not null
    group by 1, 2
),

attributes as (
    select account_id, field, value, since, null as until from gateway
    union all
    select account_id, 'tag', value, tags.created_at, null from tags join account_member using (node)
    union all
    select account_id, 'plan', value, plans.created_at, null from plans join account_member using (node)
    union all
    select account_id, 'product', value, started_at, ended_at from products
    union all
    select account_id, 'attribute', key || '=' || (attributes ->> ('$."' || key || '"')), pairs.created_at, null
    from pairs join account_member using (node)
    union all
    select account_id, 'attribute', 'tier=' || organization.tier, organization.created_at, null
    from organization join account_member using (node)
    where organization.tier is not null
    union all
    select account_id, 'internal_domain', '', null, null from own_domains
    union all
    select account_id, 'contract', contract.tier, coalesce(starts_at, signed_at, contract.created_at), ends_at
    from contract join account_member using (node)
    where contract.tier is not null and (signed_at is not null or starts_at is not null or coalesce(status, '') in ('active', 'signed'))
    union all
    select account_id, 'approved', plan, since, null from approved
    union all
    select account_id, 'always', '', null, null from account_cluster
)

select
    account_id,
    field,
    lower(trim(value)) as value,
    case when bool_or(since is null) then null else cast(min(since) as date) end as since_day,
    cast(until as date) as until_day
from attributes
where value is not null
group by account_id, field, lower(trim(value)), cast(until as date)
