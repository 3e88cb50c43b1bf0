-- metric: exposure_findings
-- label: Exposure broken
-- question: Who calls an API that is not meant for their tier?
-- unit: rows
-- grain: one row an account, service and tier outside the service's exposure, the latest call first
-- good: down
-- definition: Calls made while the account was in a tier that program.toml does not list for the service. A breach is an account that was answered at
--   least once; an attempt is one that never was: its calls were refused or failed. A service without an exposure is meant for all tiers.
-- column tier: the account's tier on the days of these calls
-- column meant_for: the tiers that the service is meant for
-- column finding: breach (answered at least once) or attempt (never answered)
-- column first_day: the first UTC day of such a call
-- column last_day: the last one
-- column calls: such calls
-- column ok: of these, answered with 2xx or 3xx
-- column refused: of these, turned away because of their key

select
    exposure_finding.account_id,
    coalesce(account.name, exposure_finding.account_id) as name,
    exposure_finding.service,
    exposure_finding.tier,
    exposure_finding.meant_for,
    exposure_finding.finding,
    exposure_finding.first_day,
    exposure_finding.last_day,
    exposure_finding.calls,
    exposure_finding.ok,
    exposure_finding.refused
from exposure_finding
left join account using (account_id)
where ($tier is null or exposure_finding.tier = $tier)
    and ($service is null or exposure_finding.service = $service)
    and ($account is null or exposure_finding.account_id in (select account_id from account_alias where alias_id = $account))
    and ($date_from is null or exposure_finding.last_day >= cast($date_from as date))
    and ($date_to is null or exposure_finding.first_day < cast($date_to as date))
order by exposure_finding.last_day desc, exposure_finding.calls desc, exposure_finding.account_id, exposure_finding.service, exposure_finding.tier
