-- metric: developer_moves
-- label: Developer movement
-- question: Of the developers who use us, which share moved up, held and fell back, month by month?
-- unit: developers
-- grain: one row a month
-- good: up
-- definition: A developer's use in a month of UTC days is quiet (no call), trying (calls, no success), using (success on up to three days), building (on four
--   or more) or relying (in at least four calendar weeks), compared with the month before. Shares are of those who were not quiet in both months. Those in
--   their first month have nothing to compare with and stand apart, and so do those who were quiet in both.
-- column month: the first day of the month
-- column developers: those compared: known before the month, and not quiet in both
-- column up: moved up
-- column held: held
-- column down: fell back
-- column up_share: of those compared
-- column new: in their first month
-- column quiet: quiet in both months
-- column is_unfinished: the month is not over: who fell back may still rise

select
    developer_month.month,
    count(*) filter (move in ('up', 'held', 'down')) as developers,
    count(*) filter (move = 'up') as up,
    count(*) filter (move = 'held') as held,
    count(*) filter (move = 'down') as down,
    count(*) filter (move = 'up') / nullif(count(*) filter (move in ('up', 'held', 'down')), 0) as up_share,
    count(*) filter (move = 'held') / nullif(count(*) filter (move in ('up', 'held', 'down')), 0) as held_share,
    count(*) filter (move = 'down') / nullif(count(*) filter (move in ('up', 'held', 'down')), 0) as down_share,
    count(*) filter (move = 'new') as new,
    count(*) filter (move = 'quiet') as quiet,
    bool_or(is_unfinished) as is_unfinished
from developer_month
join account_tier_now using (account_id)
where $tier is null or account_tier_now.tier = $tier
group by developer_month.month
order by developer_month.month
