-- metric: path_crossings
-- label: Crossings between the paths
-- question: Who began on one path and went on by the other, and after how long?
-- unit: accounts
-- grain: one row a tier and crossing
-- good: -
-- definition: Built, then sales: it had a success before the first opportunity, drafted contract or step of procurement. Ordered, then sales: it had even
--   ordered by itself before. Sales, then ordered: it ordered by itself after sales had begun, without a contract behind the order. An account
--   counts in one of them.
-- column crossing: which
-- column accounts: accounts
-- column median_days: from the beginning to the crossing
-- column p90_days: nine of ten took no longer

select
    tier,
    crossing,
    count(*) as accounts,
    round(median(days), 1) as median_days,
    round(quantile_cont(days, 0.9), 1) as p90_days
from path_crossing
where $tier is null or tier = $tier
group by tier, crossing
order by tier, accounts desc, crossing
