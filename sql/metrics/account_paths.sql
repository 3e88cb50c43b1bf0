-- metric: account_paths
-- label: Served and fitting path
-- question: How many are served on the path that fits them?
-- unit: accounts
-- grain: one row a tier, path on which it is served, and path that fits
-- good: -
-- definition: Served sales-led: a negotiated contract, a sale hoped for or won, an assigned owner or a step of procurement; an answered question of
--   price alone leads nobody. Fits sales-led: a contract in force, a partner, or as many strong signs of an enterprise as [path_rules] asks for; fits
--   self-service: at most one developer, few calls, no sign of a company, and not paying, or a person said that it is no enterprise; else either.
--   Mismatched are only those seen of late, as path_mismatch has them.
-- column served: self-service or sales-led
-- column fits: self-service, sales-led or either
-- column accounts: accounts
-- column seen: of them, those seen in the last days that [path_rules] sets
-- column unowned: of them, those that look like an enterprise and nobody leads
-- column held_up: of them, those that are small and wait behind a sales step

select
    account_path.tier,
    account_path.served,
    account_path.fits,
    count(*) as accounts,
    count(*) filter (where account_path.is_seen) as seen,
    count(*) filter (where path_mismatch.mismatch = 'unowned') as unowned,
    count(*) filter (where path_mismatch.mismatch = 'held_up') as held_up
from account_path
left join path_mismatch using (account_id)
where $tier is null or account_path.tier = $tier
group by account_path.tier, account_path.served, account_path.fits
order by account_path.tier, account_path.served, account_path.fits
