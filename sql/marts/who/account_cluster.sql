-- One row per account: a cluster of records that has signed up, holds a credential, has a contract or is billed.
-- Its id is made from the smallest of its keys, so it does not depend on the order of records; every other key of it stays an alias.
-- `anchor` is that key: what a person's decision about the account names, so that it holds whatever joins later.

with ranked as (
    select
        *,
        list_position(
            ['split', 'domain', 'organization', 'team', 'support_organization', 'contract', 'opportunity', 'billing_customer', 'email', 'developer',
                'application', 'credential', 'contact', 'support_user'],
            kind
        ) as rank
    from identity_member
),

clusters as (
    select
        cluster,
        arg_min(node, (rank, node)) as anchor,
        min(node) filter (where kind = 'developer') as first_developer,
        min(node) filter (where kind in ('application', 'credential')) as first_credential,
        count(*) filter (where kind = 'developer') as developers,
        bool_or(kind in ('split', 'domain', 'organization', 'team', 'support_organization', 'contract', 'opportunity')) as is_named,
        bool_or(kind = 'billing_customer') as is_payer
    from ranked
    group by cluster
    having bool_or(kind in ('developer', 'application', 'credential', 'organization', 'contract', 'billing_customer'))
),

kinds as (
    select
        *,
        coalesce(first_developer, first_credential) as alone,
        is_named or developers > 1 or coalesce(first_developer, first_credential) is null as is_organization
    from clusters
)

select
    cluster,
    case
        when is_organization then 'org:' || substr(md5(anchor), 1, 16)
        else 'dev:' || regexp_replace(alone, '^[a-z_]+:', '')
    end as account_id,
    case when is_organization then 'organization' else 'developer' end as kind,
    is_payer,
    anchor
from kinds
