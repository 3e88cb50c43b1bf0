-- One row per contract of an account: the days on which it is in force, and the tier that the account has today.

select
    contract.node,
    account_member.account_id,
    account_tier_now.tier,
    cast(coalesce(contract.starts_at, contract.signed_at) as date) as since,
    coalesce(cast(contract.ends_at as date), date '9999-12-31') as until
from contract
join account_member using (node)
join account_tier_now using (account_id)
where coalesce(contract.starts_at, contract.signed_at) is not null
