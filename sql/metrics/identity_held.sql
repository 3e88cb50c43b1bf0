-- metric: identity_held
-- label: Merges that were held back
-- question: Which clusters would have grown suspiciously?
-- unit: rows
-- grain: one row a merge that was not made
-- good: down
-- definition: A domain from which at least five organizations write, none of them the domain's own; two organizations that a single record ties
--   together; contracts of two parties that would meet in one account. Nothing of it is merged before somebody says so.
-- column kind: what was held back
-- column what: the domain, or the kinds of evidence
-- column records: how many records it concerns
-- column organizations: how many organizations would have become one
-- column accounts: the accounts that stay apart, at most five of them by name
-- column account_id: where two stand, the one; of many the first
-- column other_account_id: and the other; null where many stand

select
    identity_held.kind,
    identity_held.what,
    identity_held.records,
    identity_held.organizations,
    len(identity_held.account_ids) as account_count,
    (
        select string_agg(name, ', ' order by name)
        from (select name from account where list_contains(identity_held.account_ids, account.account_id) order by name limit 5)
    ) as accounts,
    identity_held.account_ids[1] as account_id,
    if(len(identity_held.account_ids) = 2, identity_held.account_ids[2], null) as other_account_id,
    one.name as account_name,
    other.name as other_account_name
from identity_held
left join account as one on one.account_id = identity_held.account_ids[1]
left join account as other on len(identity_held.account_ids) = 2 and other.account_id = identity_held.account_ids[2]
order by identity_held.records desc, identity_held.kind, identity_held.what, identity_held.account_ids[1]
