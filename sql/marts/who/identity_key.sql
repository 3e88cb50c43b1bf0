-- One row per pair of records of which one names the other by a key: evidence that people put there on purpose.
-- A `_ref` may name a record of any source; where it names records of one kind in several sources it is ambiguous and only a candidate.

with keys as (
    select id as key, node, 'application' as kind, source from application
    union
    select id, node, 'developer', source from developer
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

-- `within` is true where the reference can only mean a record of its own source
refs as (
    select node, source, developer_id as ref, 'its developer' as evidence, ['developer'] as kinds, true as within, 1.0 as confidence
    from application
    union all
    select node, source, organization_id, 'its organization', ['organization'], true, 1.0 from application
    union all
    select node, source, organization_id, 'its organization', ['organization'], true, 1.0 from developer
    union all
    select node, source, organization_id, 'help-desk organization', ['support_organization'], true, 0.9 from support_user
    union all
    select node, source, consumer_id, 'its consumer', ['credential'], true, 1.0 from credential
    union all
    select node, source, application_ref, 'shared key', ['application'], false, 0.98 from credential
    union all
    select node, source, developer_ref, 'shared key', ['developer'], false, 0.98 from credential
    union all
    select node, source, custom_id, 'shared key', ['application', 'developer', 'organization'], false, 0.98 from credential
    union all
    select node, source, consumer_ref, 'shared key', ['credential'], false, 0.98 from application
    union all
    select node, source, credential_ref, 'shared key', ['credential'], false, 0.98 from application
    union all
    select node, source, consumer_ref, 'shared key', ['application', 'credential', 'developer', 'organization'], false, 0.98
    from billing_customer
    union all
    select node, source, organization_ref, 'shared key', ['organization'], false, 0.98 from billing_customer
    union all
    select node, source, external_id, 'shared key', ['organization', 'application', 'billing_customer', 'developer'], false, 0.98
    from support_organization
    union all
    select node, source, external_id, 'shared key', ['developer', 'application', 'credential'], false, 0.98 from support_user
    union all
    select node, source, organization_ref, 'shared key', ['organization', 'developer', 'support_organization'], false, 0.98 from contract
    union all
    select node, source, billing_customer_ref, 'shared key', ['billing_customer'], false, 0.98 from contract
    union all
    select node, source, application_ref, 'shared key', ['application'], false, 0.98 from contract
    union all
    select node, source, organization_ref, 'shared key', ['organization'], false, 0.98 from opportunity
),

matched as (
    select
        refs.node as left_node,
        keys.node as right_node,
        refs.evidence,
        refs.confidence,
        refs.ref,
        not refs.within and count(distinct keys.source) over (partition by refs.node, refs.ref, keys.kind) > 1 as ambiguous
    from refs
    join keys on keys.key = refs.ref and list_contains(refs.kinds, keys.kind) and (not refs.within or keys.source = refs.source)
    where keys.node <> refs.node
)

select
    left_node,
    right_node,
    case when ambiguous then 'ambiguous key' else evidence end as evidence,
    case when ambiguous then 0.7 else confidence end as confidence,
    ref as left_value,
    ref as right_value
from matched
