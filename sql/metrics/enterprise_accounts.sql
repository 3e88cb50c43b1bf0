-- metric: enterprise_accounts
-- label: Enterprise accounts
-- question: Who is, or should be, led by sales, and how ready is each to sign?
-- unit: rows
-- grain: one row an account
-- good: -
-- definition: Accounts with a negotiated contract, a sale that is hoped for or a step of procurement, and those that look like an enterprise. Ready items are
--   done or not needed; nobody knows about the rest before it is written down.
-- column standing: contract in force, in procurement, negotiating, opportunity, looks like one, contract ended
-- column done: items of readiness that are done or not needed, of 7
-- column waiting: items that wait
-- column not_known: items that nobody tells of
-- column longest_days: of the item that has waited longest
-- column known: whether evaluator and approver are known
-- column sla_broken: promises of the last month that is over which were not kept; null where no contract promised anything in it

with ready as (
    select
        account_id,
        count(*) filter (where state in ('done', 'not_needed')) as done,
        count(*) filter (where state = 'waiting') as waiting,
        count(*) filter (where state = 'not_begun') as not_begun,
        count(*) filter (where state = 'not_known') as not_known,
        max(days_waiting) as longest_days
    from readiness_item
    group by account_id
),

promises as (
    select account_id, count(*) filter (where not is_kept) as broken
    from sla_month
    where month = (select cast(date_trunc('month', as_of) - interval 1 month as date) from snapshot_info)
    group by account_id
)

select
    enterprise_account.account_id,
    account.name,
    enterprise_account.tier,
    account.stage,
    enterprise_account.standing,
    enterprise_account.is_in_procurement,
    ready.done,
    ready.waiting,
    ready.not_begun,
    ready.not_known,
    round(ready.longest_days, 1) as longest_days,
    account_approver.known,
    promises.broken as sla_broken,
    enterprise_account.owner
from enterprise_account
join account using (account_id)
join ready using (account_id)
join account_approver using (account_id)
left join promises using (account_id)
where ($tier is null or enterprise_account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, enterprise_account.account_id)), lower($search)))
order by enterprise_account.is_in_procurement desc, ready.longest_days desc nulls last, account.name, enterprise_account.account_id
