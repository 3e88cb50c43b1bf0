-- One row per account: what to call it and its domain; what a person decided first, then what the surest record says.

with decided as (
    select
        account_member.account_id,
        arg_max(value, (decided_at, identity_decision.id)) filter (where action = 'rename') as name,
        arg_max(lower(value), (decided_at, identity_decision.id)) filter (where action = 'set_domain') as domain
    from identity_decision
    join account_member on account_member.node = identity_decision.left_node
    where action in ('rename', 'set_domain')
    group by account_member.account_id
),

names as (
    select account_member.account_id, identity_node.name, identity_node.node,
        case identity_node.kind when 'organization' then 1 when 'contract' then 2 when 'support_organization' then 3
            when 'billing_customer' then 5 when 'developer' then 6 else 7 end as rank
    from identity_node
    join account_member using (node)
    where identity_node.name is not null and identity_node.kind not in ('support_user', 'application', 'contact')

    union all

    select account_member.account_id, developer.organization_name, developer.node, 4
    from developer
    join account_member using (node)
    where developer.organization_name is not null
),

domains as (
    select account_id, arg_max(domain, (uses, domain)) as domain
    from (
        select account_member.account_id, substr(link.right_node, 8) as domain, count(*) as uses
        from identity_link as link
        join account_member on account_member.node = link.left_node
        where link.accepted and starts_with(link.right_node, 'domain:')
        group by 1, 2
    )
    group by account_id
)

select
    account_cluster.account_id,
    coalesce(any_value(decided.name), arg_min(names.name, (names.rank, names.node))) as name,
    coalesce(any_value(decided.domain), any_value(domains.domain)) as domain
from account_cluster
left join names using (account_id)
left join domains using (account_id)
left join decided using (account_id)
group by account_cluster.account_id
