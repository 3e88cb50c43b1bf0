-- One row per account that somebody of ours looks after: what a person decided, else the contract's or opportunity's owner.
-- `named_by` is person, contract or opportunity; `other_owner` is who it would be without a person's word.

with owners as (
    select coalesce(account_alias.account_id, raw_account_owner.account_id) as account_id, owner, 1 as rank, decided_at as said_at
    from raw_account_owner
    left join account_alias on account_alias.alias_id = raw_account_owner.account_id
    where undone_at is null

    union all

    select account_member.account_id, contract.owner, 2, coalesce(contract.signed_at, contract.created_at)
    from contract
    join account_member using (node)
    where contract.owner is not null

    union all

    select account_member.account_id, opportunity.owner, 3, opportunity.created_at
    from opportunity
    join account_member using (node)
    where opportunity.owner is not null
)

select
    account_id,
    arg_min(owner, (rank, - epoch(coalesce(said_at, timestamp '1970-01-01')), owner)) as owner,
    ['person', 'contract', 'opportunity'][min(rank)] as named_by,
    arg_min(owner, (rank, - epoch(coalesce(said_at, timestamp '1970-01-01')), owner)) filter (where rank > 1) as other_owner,
    ['person', 'contract', 'opportunity'][min(rank) filter (where rank > 1)] as other_named_by
from owners
group by account_id
