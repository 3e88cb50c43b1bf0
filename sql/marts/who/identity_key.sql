-- One row per pair of records of which one names the other by a key: evidence that people put there on purpose.
-- A record of the same source is meant before one of another; where several other sources have one, the key is ambiguous and only a candidate.

with keys as (
    select id as key, node, 'application' as kind, source from application
    union
    select id, node, 'developer', source from developer
    union
    select email, node, 'developer', source from developer where email is not null
    union
    select id, node, 'organization', source from organization
    union
    select id, node, 'billing_customer', source from billing_customer
    union
    select id, node, 'support_organization', source from support_organization
    union
    select id, node, 'credential', source from credential
    union
    select custom_id, node, 'credential', source from credential where kind = 'consumer' and custom_id is not null
    union
    select username, node, 'credential', source from credential where kind = 'consumer' and username is not null
),

refs as (
    select node, source, developer_id as ref, 'its developer' as evidence, ['developer'] as kinds, 1.0 as confidence
    from application
    union all
    select node, source, organization_id, 'its organization', ['organization'], 1.0 from application
    union all
    select node, source, organization_id, 'its organization', ['organization'], 1.0 from developer
    union all
    select node, source, organization_ref, 'its organization', ['organization'], 0.98 from contact
    union all
    select node, source, organization_id, 'help-desk organization', ['support_organization'], 0.9 from support_user
    union all
    select node, source, consumer_id, 'its consumer', ['credential'], 1.0 from credential
    union all
    select node, source, application_ref, 'shared key', ['application'], 0.98 from credential
    union all
    select node, source, developer_ref, 'shared key', ['developer'], 0.98 from credential
    union all
    select node, source, custom_id, 'shared key', ['application', 'developer', 'organization'], 0.98 from credential
    union all
    -- a consumer that is named by an address was made for whoever registered with it, verified or not
    select node, source, username, 'consumer named by e-mail', ['developer'], 0.9 from credential where contains(username, '@')
    union all
    select node, source, consumer_ref, 'shared key', ['credential'], 0.98 from application
    union all
    select node, source, credential_ref, 'shared key', ['credential'], 0.98 from application
    union all
    select node, source, consumer_ref, 'shared key', ['application', 'credential', 'developer', 'organization'], 0.98
    from billing_customer
    union all
    select node, source, organization_ref, 'shared key', ['organization'], 0.98 from billing_customer
    union all
    select node, source, external_id, 'shared key', ['organization', 'application', 'billing_customer', 'developer'], 0.98
    from support_organization
    union all
    select node, source, external_id, 'shared key', ['developer', 'application', 'credential'], 0.98 from support_user
    union all
    select node, source, organization_ref, 'shared key', ['organization', 'developer', 'support_organization'], 0.98 from contract
    union all
    -- where a partner pays for its client, the contract covers the client's application and does not make the two one
    select node, source, billing_customer_ref, 'shared key', ['billing_customer'], 0.98 from contract where not partner_pays
    union all
    select node, source, application_ref, 'shared key', ['application'], 0.98 from contract where not partner_pays
    union all
    select node, source, organization_ref, 'shared key', ['organization'], 0.98 from opportunity
),

matched as (
    select
        refs.node as left_node,
        keys.node as right_node,
        refs.evidence,
        refs.confidence,
        refs.ref,
        keys.source,
        keys.kind
    from refs
    join keys on keys.key = refs.ref and list_contains(refs.kinds, keys.kind)
    where keys.node <> refs.node
    -- of several matches of one kind, those of its own source alone count
    qualify split_part(refs.node, ':', 2) = keys.source
        or not bool_or(split_part(refs.node, ':', 2) = keys.source) over (partition by refs.node, refs.ref, refs.evidence, keys.kind)
),

judged as (
    select *, min(source) over same_kind <> max(source) over same_kind as ambiguous
    from matched
    window same_kind as (partition by left_node, ref, evidence, kind)
)

select
    left_node,
    right_node,
    case when ambiguous then 'ambiguous key' else evidence end as evidence,
    case when ambiguous then 0.7 else confidence end as confidence,
    ref as left_value,
    ref as right_value
from judged
