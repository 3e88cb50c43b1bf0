-- metric: account_path
-- label: Path of an account
-- question: How is this account served, and how should it be?
-- unit: row
-- grain: one row; none for our own teams
-- good: -
-- definition: The path on which the account is served and the one that fits it, as account_paths defines them, with since when and what shows it;
--   and how far it stands on the way of an enterprise.
-- column served_evidence: what shows how it is served
-- column fits_evidence: what shows what fits; signs are listed, never one score alone
-- column mismatch: unowned, held_up, or null where the two agree or nothing says otherwise
-- column days_lost: since it looked so, or since it began to wait
-- column standing: contract in force, in procurement, negotiating, opportunity, looks like one, contract ended; null where none of them

select
    account_path.account_id,
    account.name,
    account_path.tier,
    account_path.served,
    account_path.served_since,
    account_path.served_evidence,
    account_path.fits,
    account_path.fits_since,
    account_path.fits_evidence,
    account_path.strong_signals,
    account_path.first_signal_at,
    account_path.is_dismissed,
    path_mismatch.mismatch,
    path_mismatch.days_lost,
    path_mismatch.evidence as mismatch_evidence,
    enterprise_account.standing,
    coalesce(enterprise_account.owner, account.owner) as owner
from account_path
join account using (account_id)
left join path_mismatch using (account_id)
left join enterprise_account using (account_id)
where account_path.account_id in (select account_id from account_alias where alias_id = $account) or account_path.account_id = $account
