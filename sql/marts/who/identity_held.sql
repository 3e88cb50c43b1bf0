-- One row per merge that was held back because it looked wrong: what it was, how many records it concerns, and the accounts that it left apart.
-- `kind`: a domain that many organizations use, contracts of two parties that would meet, two organizations that one record ties together.

with accounts as (
    select node, account_id
    from account_member
),

domains as (
    select
        'many organizations on one domain' as kind,
        identity_domain.domain as what,
        count(*) as records,
        list(distinct accounts.account_id order by accounts.account_id) as account_ids,
        identity_domain.names as organizations
    from identity_domain
    join identity_link on identity_link.right_node = 'domain:' || identity_domain.domain
    join accounts on accounts.node = identity_link.left_node
    where identity_domain.many
    group by identity_domain.domain, identity_domain.names
),

refused as (
    select
        if(identity_link.why = 'would make two organizations one', 'one record between two organizations', 'contracts of two parties') as kind,
        identity_link.left_node,
        identity_link.evidence,
        earlier.account_id as left_account,
        later.account_id as right_account
    from identity_link
    join accounts as earlier on earlier.node = identity_link.left_node
    join accounts as later on later.node = identity_link.right_node and later.account_id <> earlier.account_id
    where identity_link.why in ('would make two organizations one', 'would bring two parties'' contracts together')
)

select kind, what, records, account_ids, organizations
from domains

union all

select
    kind,
    string_agg(distinct evidence, ', ' order by evidence),
    count(distinct left_node),
    [least(left_account, right_account), greatest(left_account, right_account)] as account_ids,
    2
from refused
group by kind, account_ids
