-- metric: path_crossing_accounts
-- label: Accounts that crossed
-- question: Which accounts crossed from one path to the other, and when?
-- unit: rows
-- grain: one row an account, the newest crossing first
-- good: -
-- definition: The accounts behind path_crossings.
-- column from_at: the first success, the own order, or the beginning of sales
-- column to_at: when it crossed
-- column days: from one to the other
-- column sales_event: with what sales began

select
    path_crossing.account_id,
    account.name,
    path_crossing.tier,
    account.stage,
    path_crossing.crossing,
    path_crossing.from_at,
    path_crossing.to_at,
    round(path_crossing.days, 1) as days,
    path_crossing.sales_event,
    account.owner
from path_crossing
join account using (account_id)
where ($tier is null or path_crossing.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, path_crossing.account_id)), lower($search)))
order by path_crossing.to_at desc, path_crossing.account_id
