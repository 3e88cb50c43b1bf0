-- metric: account_findings
-- label: Findings
-- question: What about this account should somebody know?
-- unit: rows
-- grain: one row a finding, the gravest first
-- good: down
-- definition: Live usage (a success in the last 30 days, not an internal team) without a known economic buyer; somebody else who pays; a contract
--   in force without a call for 30 days; successes after a contract's end that no other contract covers; calls to an API that is not meant
--   for its tier; a merge with another account that was held back. Grave: nobody pays or decides for real use; light: something is known, or it only explains. Without an account: all accounts.
-- column account_id: the account that it is about
-- column finding: which of them
-- column label: the same in words
-- column severity: high, medium or low
-- column since: since when it holds
-- column evidence: what shows it
-- column calls: the API calls that it concerns

select
    account_finding.account_id,
    account.name,
    account.tier,
    account_finding.finding,
    account_finding.label,
    account_finding.severity,
    account_finding.since,
    account_finding.evidence,
    account_finding.calls
from account_finding
join account using (account_id)
where ($account is null or account_finding.account_id in (select account_id from account_alias where alias_id = $account))
    and ($tier is null or account.tier = $tier)
order by account_finding.rank, account_finding.calls desc, account_finding.account_id, account_finding.finding, account_finding.since
