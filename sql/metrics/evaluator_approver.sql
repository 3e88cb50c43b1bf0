-- metric: evaluator_approver
-- label: Evaluator and approver
-- question: Whom do we know that evaluates, whom that approves, and where is one of them missing?
-- unit: rows
-- grain: one row an account
-- good: -
-- definition: Evaluators are named so or are developers who signed up; approvers are economic buyers and procurement, as contracts, the CRM and tickets say; whoever
--   evaluates and has only asked about procurement is none. Of enterprise_accounts only. Not known means that no source names one.
-- column evaluators: people known to evaluate
-- column approvers: people known to approve
-- column buyers: of them, economic buyers
-- column known: both known, approver not known, evaluator not known, neither known

select
    account_approver.account_id,
    account.name,
    account_approver.tier,
    enterprise_account.standing,
    account_approver.evaluators,
    account_approver.evaluator_names,
    account_approver.evaluator_seen_at,
    account_approver.approvers,
    account_approver.buyers,
    account_approver.approver_names,
    account_approver.approver_seen_at,
    account_approver.known,
    enterprise_account.owner
from account_approver
join account using (account_id)
join enterprise_account using (account_id)
where ($account is null or account_approver.account_id in (select account_id from account_alias where alias_id = $account))
    and ($tier is null or account_approver.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account_approver.account_id)), lower($search)))
order by account_approver.known = 'both known', enterprise_account.is_in_procurement desc, account.name, account_approver.account_id
