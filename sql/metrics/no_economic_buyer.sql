-- metric: no_economic_buyer
-- label: Live usage, no economic buyer known
-- question: Who uses it for real while nobody is known who decides to buy?
-- unit: rows
-- grain: one row an account, the busiest first
-- good: down
-- definition: A success in the last 30 days, and no contract, CRM or bill names a person who decides to buy. Internal teams are left out, and
--   developers who stand alone unless they call as much as the middle one of such organizations. Light where somebody handles the bills.
-- column severity: high (in production or partner), medium, or low (a billing contact is known)
-- column since: its first successful call
-- column calls: API calls of the last 30 days
-- column evidence: what shows it

select
    account_finding.account_id,
    account.name,
    account.tier,
    account.stage,
    account.relation,
    account_finding.severity,
    account_finding.since,
    account_finding.calls,
    account_finding.evidence,
    account.owner
from account_finding
join account using (account_id)
where account_finding.finding = 'no_economic_buyer' and ($tier is null or account.tier = $tier)
order by account_finding.rank, account_finding.calls desc, account_finding.account_id
