-- One row per developer and other organization that his or her names point to, with what else fits or does not.
-- Whom an address, key or domain has put into an organization is asked no more, but for people of a consultancy: they build for its clients.

select
    identity_mention.node,
    identity_mention.organization_node,
    identity_mention.name_key,
    identity_mention.declared,
    identity_mention.applications,
    identity_mention.shared_host,
    identity_mention.others,
    identity_mention.example as application_name,
    identity_node.organization_name,
    identity_node.country,
    identity_mention.countries,
    identity_node.created_at,
    identity_mention.first_at,
    identity_mention.last_at
from identity_mention
join identity_node using (node)
left join identity_consultancy on identity_consultancy.domain = identity_node.domain and identity_node.linkable
where identity_mention.cluster <> identity_mention.own_cluster
    and (not identity_mention.anchored or identity_consultancy.domain is not null)
