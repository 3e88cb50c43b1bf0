-- One row per credential: the application that it calls for, where any record says so, and the consumer that a key belongs to.
-- `root_node` is the consumer of a key, else the credential itself.

with credentials as (
    select
        credential.node,
        credential.source,
        credential.id,
        coalesce(consumer.node, credential.node) as root_node,
        consumer.id as consumer_id,
        credential.application_ref,
        credential.custom_id,
        consumer.application_ref as consumer_application_ref,
        consumer.custom_id as consumer_custom_id
    from credential
    left join credential as consumer on consumer.source = credential.source and consumer.id = credential.consumer_id
),

said as (
    select node, source, 1 as position, application_ref as application_id from credentials
    union all
    select node, source, 2, custom_id from credentials
    union all
    select node, source, 3, consumer_application_ref from credentials
    union all
    select node, source, 4, consumer_custom_id from credentials
),

matched as (
    select said.node, application.node as application_node, (said.position, said.source <> application.source, application.node) as rank
    from said
    join application on application.id = said.application_id

    union all

    select credentials.node, application.node, (5, credentials.source <> application.source, application.node)
    from credentials
    join application on application.credential_ref = credentials.id

    union all

    select credentials.node, application.node, (6, credentials.source <> application.source, application.node)
    from credentials
    join application on application.consumer_ref in (credentials.id, credentials.consumer_id, credentials.custom_id)
)

select
    credentials.node,
    credentials.root_node,
    arg_min(matched.application_node, matched.rank) as application_node
from credentials
left join matched using (node)
group by credentials.node, credentials.root_node
