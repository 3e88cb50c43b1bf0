-- metric: limit_use
-- label: Use of limits
-- question: Who is about to hit a limit?
-- unit: share of the limit
-- grain: one row an account and window of a limit
-- good: -
-- definition: Utilization is (allowed + refused) ÷ limit; above 100 % is denied demand, at the most: clients try again. By what the answers
--   themselves say (Kong's X-RateLimit headers), of the key of the account that came nearest on the latest day of the period with such an answer.
--   A month's use is carried forward at its pace to the month's end, from its third day on. About to
--   hit: 80 % used, or a month's pace beyond it, on one of the last 7 days, and not refused at the limit yet. Accounts whose log carries no limits are not here, and cannot be known.
-- column account_id: the account
-- column limit_window: second, minute, hour, day, month or year
-- column limit_calls: calls that the limit allows in it
-- column used: utilization on that day, at its highest; of a month or year with all that was refused in it so far
-- column peak: the highest of the period
-- column at_pace: of a month's limit: the share by the month's end at this pace; null before its third day
-- column state: refused (429 in the period), used up (and not refused yet), about to hit, below, or not seen in the last 7 days
-- column refused: calls refused over a limit in the period
-- column seen_on: that day
-- column plan: the plan
-- column next_plan: the next plan above that costs something; null where there is none

with so_far as (
    select
        * exclude (used),
        used + case when limit_window in ('month', 'year') then coalesce(sum(refused) over earlier, 0) / limit_calls else 0 end as used
    from limit_day
    window earlier as (
        partition by caller_id, limit_window, date_trunc(if(limit_window = 'year', 'year', 'month'), day)
        order by day
        rows between unbounded preceding and 1 preceding
    )
),

seen as (
    select limit_day.*, caller_account.account_id
    from so_far as limit_day
    join caller_account using (caller_id)
    anti join test_caller using (caller_id)
    where not starts_with(caller_account.account_id, 'nobody:')
        and ($date_from is null or limit_day.day >= cast($date_from as date))
        and ($date_to is null or limit_day.day < cast($date_to as date))
),

latest as (
    select
        account_id,
        limit_window,
        max(used) as peak,
        arg_max(struct_pack(day := day, used := used, limit_calls := limit_calls, caller_id := caller_id), (day, used, caller_id)) as last
    from seen
    group by account_id, limit_window
),

refused as (
    select account_id, sum(refused_quota + refused_rate_limit) as refused
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

paced as (
    select
        latest.*,
        cast(coalesce(refused.refused, 0) as bigint) as refused,
        case when latest.limit_window = 'month' and day(latest.last.day) >= 3 then latest.last.used / day(latest.last.day) * day(last_day(latest.last.day)) end as at_pace
    from latest
    left join refused using (account_id)
),

judged as (
    select
        paced.*,
        case
            when paced.refused > 0 and paced.peak >= 1 then 'refused'
            when paced.last.day < cast(least(snapshot_info.as_of, coalesce(cast($date_to as date), snapshot_info.as_of)) as date) - 7 then 'not seen lately'
            when paced.last.used >= 1 then 'used up'
            when paced.last.used >= 0.8 or paced.at_pace >= 1 then 'about to hit'
            else 'below'
        end as state
    from paced
    cross join snapshot_info
)

select
    judged.account_id,
    account.name,
    account.kind,
    account.tier,
    account.is_payer,
    account.owner,
    judged.limit_window,
    judged.last.limit_calls as limit_calls,
    judged.last.used as used,
    judged.peak,
    judged.at_pace,
    judged.state,
    judged.refused,
    judged.last.day as seen_on,
    caller_plan.plan,
    caller_plan.next_plan
from judged
join account using (account_id)
left join caller_plan on caller_plan.caller_id = judged.last.caller_id
where $tier is null or account.tier = $tier
order by list_position(['about to hit', 'used up', 'refused', 'below', 'not seen lately'], judged.state), account.is_payer desc,
    coalesce(judged.at_pace, judged.last.used) desc, judged.account_id
