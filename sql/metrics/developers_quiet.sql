-- metric: developers_quiet
-- label: Gone quiet
-- question: Who mattered and has gone quiet?
-- unit: rows
-- grain: one row an account, who paid most first
-- good: down
-- definition: Success in at least five of the eight weeks that ended fourteen days ago, and none since. It mattered where it paid in the last year, was in
--   production, is a partner, or was among the tenth that called most successfully in those weeks.
-- column last_ok_on: the day of its last success
-- column days_quiet: whole days since
-- column weeks: of the eight, those with a success
-- column revenue: what it paid in the last year, in the reporting currency; null where it paid nothing
-- column why: why it mattered

select
    gone_quiet.account_id,
    account.name,
    account.tier,
    account.stage,
    gone_quiet.last_ok_on,
    gone_quiet.days_quiet,
    gone_quiet.weeks,
    gone_quiet.ok,
    gone_quiet.revenue_micros / 1000000 as revenue,
    concat_ws(
        ', ',
        case when paid then 'paid in the last year' end,
        case when in_production then 'was in production' end,
        case when is_partner then 'a partner' end,
        case when is_heavy then 'called more than nine in ten' end
    ) as why,
    coalesce(account.owner, stall_owner.owner) as owner
from gone_quiet
join account using (account_id)
left join stall_owner using (account_id)
where ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id)), lower($search)))
order by gone_quiet.revenue_micros desc nulls last, gone_quiet.ok desc, gone_quiet.account_id
