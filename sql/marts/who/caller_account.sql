-- One row per caller: the application, developer and account behind it; calls of nobody go to `nobody:<tier>`, never away.
-- `node` is the record whose key it calls by: a credential, application or developer.

with refs as (
    select caller_id, source, 1 as position, 'credential' as evidence, credential_ref as ref, 1.0 as confidence from caller
    union all
    select caller_id, source, 2, 'application', application_ref, 1.0 from caller
    union all
    select caller_id, source, 3, 'consumer', case when contains(consumer_ref, '@') then lower(consumer_ref) else consumer_ref end, 0.98
    from caller
    union all
    select caller_id, source, 4, 'developer', case when contains(developer_ref, '@') then lower(developer_ref) else developer_ref end, 0.98
    from caller
),

keys as (
    select id as key, node, source, 1 as position from credential
    union all
    select credential_ref, node, source, 2 from application where credential_ref is not null
    union all
    select id, node, source, 3 from application
    union all
    select consumer_ref, node, source, 4 from application where consumer_ref is not null
    union all
    select custom_id, node, source, 5 from credential where kind = 'consumer' and custom_id is not null
    union all
    select username, node, source, 6 from credential where kind = 'consumer' and username is not null
    union all
    select id, node, source, 7 from developer
    union all
    select email, node, source, 8 from developer where email is not null and verified_at is not null
),

matched as (
    select
        refs.caller_id,
        arg_min(keys.node, (refs.position, refs.source <> keys.source, keys.position, keys.node)) as node,
        arg_min(refs.evidence, (refs.position, refs.source <> keys.source, keys.position, keys.node)) as evidence,
        arg_min(refs.confidence, (refs.position, refs.source <> keys.source, keys.position, keys.node)) as confidence
    from refs
    join keys on keys.key = refs.ref
    group by refs.caller_id
),

-- a key leads to its consumer, and a consumer to its application and developer
consumers as (
    select
        credential.node,
        credential_application.application_node,
        coalesce(credential.developer_ref, consumer.developer_ref, consumer.username, credential.username) as developer_ref
    from credential
    left join credential_application using (node)
    left join credential as consumer on consumer.source = credential.source and consumer.id = credential.consumer_id
),

reached as (
    select matched.caller_id, matched.node, consumers.application_node, consumers.developer_ref
    from matched
    left join consumers using (node)
),

applications as (
    select caller_id, min(node) as node, arg_min(developer_node, node) as developer_node
    from (
        select reached.caller_id, application_account.node, application_account.developer_node
        from reached
        join application_account using (node)
        union all
        select reached.caller_id, application_account.node, application_account.developer_node
        from reached
        join application_account on application_account.node = reached.application_node
    )
    group by caller_id
),

developers as (
    select caller_id, min(node) as node
    from (
        select reached.caller_id, developer.node from reached join developer using (node)
        union all
        select reached.caller_id, developer.node from reached join developer on developer.id = reached.developer_ref
        union all
        select reached.caller_id, developer.node from reached join developer on developer.email = reached.developer_ref
    )
    group by caller_id
)

select
    caller.caller_id,
    if(account_member.account_id is not null, matched.node, null) as node,
    applications.node as application_node,
    coalesce(applications.developer_node, developers.node) as developer_node,
    coalesce(account_member.account_id, 'nobody:' || coalesce(nobody_tier.tier, 'public')) as account_id,
    case
        when account_member.account_id is not null then matched.evidence
        when coalesce(caller.credential_ref, caller.consumer_ref, caller.application_ref, caller.developer_ref) is null then 'anonymous'
        else 'unknown key'
    end as evidence,
    case when account_member.account_id is not null then matched.confidence end as confidence,
    coalesce(credential.environment, application.environment) as environment
from caller
left join matched using (caller_id)
left join account_member on account_member.node = matched.node
left join applications using (caller_id)
left join developers using (caller_id)
left join nobody_tier using (caller_id)
left join credential on credential.node = matched.node
left join application on application.node = applications.node
