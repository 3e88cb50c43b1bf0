-- metric: unmet_accounts
-- label: Who asks for one path
-- question: Which accounts ask for a path that we do not have?
-- unit: calls
-- grain: one row an account, and one for addresses of which none is known
-- good: -
-- definition: The accounts behind one row of unmet demand in the period. Inferred means that the log names nobody, and the address called with the
--   key of exactly this account in the same month; the share is what part of the other calls from there that account made.
-- column account_id: the account; null for callers of whom none is known
-- column basis: named by the log, inferred by the address, or not known
-- column share: where inferred: the account's share of the other calls from its addresses in that month, at the least
-- column callers: distinct addresses
-- column calls: calls for this path
-- column first_day: the first of them in the period
-- column last_day: the last of them
-- column revenue: the account's net revenue of the period
-- column sample_path: one path, as it may be shown

with money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

asked as (
    select
        unmet_call.account_id,
        case
            when unmet_call.account_id is null then 'not known'
            when bool_and(unmet_call.is_inferred) then 'inferred by address'
            else 'named by the log'
        end as basis,
        min(unmet_call.share) as share,
        count(distinct coalesce(unmet_call.client_ip, unmet_call.caller_id)) as callers,
        cast(sum(unmet_call.calls) as bigint) as calls,
        min(unmet_call.day) as first_day,
        max(unmet_call.day) as last_day,
        min(unmet_call.sample_path) as sample_path
    from unmet_call
    left join account using (account_id)
    where unmet_call.key = $value
        and unmet_call.removed_by is null
        and ($tier is null or account.tier = $tier)
        and ($date_from is null or unmet_call.day >= cast($date_from as date))
        and ($date_to is null or unmet_call.day < cast($date_to as date))
    group by unmet_call.account_id
)

select
    asked.account_id,
    account.name,
    account.kind,
    account.tier,
    account.is_payer,
    account.owner,
    asked.basis,
    asked.share,
    asked.callers,
    asked.calls,
    asked.first_day,
    asked.last_day,
    case when money_known.has_billing and account.tier <> 'internal' then coalesce(money.revenue, 0) / 1000000 end as revenue,
    shown_path(asked.sample_path) as sample_path
from asked
cross join money_known
left join account using (account_id)
left join money using (account_id)
order by asked.account_id is null, account.is_payer desc, account.kind = 'organization' desc, asked.calls desc, asked.account_id
