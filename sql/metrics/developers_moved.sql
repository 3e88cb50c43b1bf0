-- metric: developers_moved
-- label: Who moved
-- question: Which developers moved up, held or fell back in a month?
-- unit: developers
-- grain: one row a developer who moved, the furthest first
-- good: -
-- definition: Developers by their use in a month against the month before (see developer movement): the last whole month unless another is asked for. Those who
--   are quiet in both months or new in it are left out.
-- column movement: up, held or down
-- column use: quiet, trying, using, building or relying
-- column use_before: the same in the month before
-- column ok_days: days of the month with a success

with months as (
    select coalesce(
        cast($period_from as date),
        max(month) filter (not is_unfinished),
        max(month)
    ) as month
    from developer_month
)

select
    developer_month.account_id,
    account.name,
    account.tier,
    account.stage,
    developer_seen.name as developer,
    developer_month.month,
    developer_month.move as movement,
    developer_month.use_before,
    developer_month.use,
    developer_month.level - developer_month.level_before as levels,
    developer_month.ok_days,
    cast(developer_month.calls as bigint) as calls,
    developer_month.is_unfinished,
    coalesce(account.owner, stall_owner.owner) as owner
from developer_month
join months using (month)
join developer_seen using (node)
join account on account.account_id = developer_month.account_id
left join stall_owner on stall_owner.account_id = developer_month.account_id
where developer_month.move in ('up', 'held', 'down')
    and ($movement is null or developer_month.move = $movement)
    and ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id, developer_seen.name)), lower($search)))
order by abs(developer_month.level - developer_month.level_before) desc, developer_month.calls desc, developer_month.node
