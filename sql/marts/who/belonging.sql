-- One row per developer and application of an account: the link that says most about its organization; who stands alone has none.
-- An application without a link of its own belongs where its developer does, and a developer where the application does, no surer than that.

with ends as (
    select left_node as node, right_node as other, evidence, confidence from identity_link where accepted
    union all
    select right_node, left_node, evidence, confidence from identity_link where accepted
),

-- what leads to an organization comes before what leads to the same person's other records
links as (
    select
        node,
        arg_max(evidence, (confidence, evidence)) filter (where split_part(other, ':', 1) not in ('email', 'support_user', 'credential')) as evidence,
        max(confidence) filter (where split_part(other, ':', 1) not in ('email', 'support_user', 'credential')) as confidence,
        arg_max(evidence, (confidence, evidence)) as any_evidence,
        max(confidence) as any_confidence
    from ends
    where split_part(other, ':', 1) not in ('developer', 'application') and split_part(node, ':', 1) in ('developer', 'application')
    group by node
),

pairs as (
    select node, developer_node as other from application_account where developer_node is not null
    union all
    select developer_node, node from application_account where developer_node is not null
),

neighbours as (
    select pairs.node, arg_max(links.evidence, (links.confidence, links.evidence)) as evidence, max(links.confidence) as confidence
    from pairs
    join links on links.node = pairs.other
    join account_member as mine on mine.node = pairs.node
    join account_member as theirs on theirs.node = pairs.other and theirs.account_id = mine.account_id
    where links.evidence is not null
    group by pairs.node
)

select
    account_member.node,
    account_member.kind,
    account_member.account_id,
    case
        when links.evidence is not null then links.evidence
        when neighbours.evidence is not null then neighbours.evidence
        when account_cluster.kind = 'developer' then 'stands alone'
        else coalesce(links.any_evidence, account_member.evidence)
    end as evidence,
    case
        when links.evidence is not null then links.confidence
        when neighbours.evidence is not null then neighbours.confidence
        when account_cluster.kind = 'developer' then 1.0
        else coalesce(links.any_confidence, account_member.confidence)
    end as confidence
from account_member
join account_cluster using (account_id)
left join links using (node)
left join neighbours using (node)
where account_member.kind in ('developer', 'application')
