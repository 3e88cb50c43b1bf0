-- One row per account and number of days (3, 7, 14, 30) after which it was still free: nothing paid, no contract in force, in the open or public
-- tier as it was then. `tier_is_dated` is false where the tier rests on what says nothing of when: a tag, a group or a plan that the account has today,
-- or a person's word about all of its time, and no approval of a known day leads to the same tier. The days are whole UTC days, the day on which it began being the first; they are over at `until`.

with windows as (
    select
        triage_account.account_id,
        triage_account.entered_on,
        triage_account.first_paid_on,
        triage_account.contract_on,
        days.window_day,
        triage_account.entered_on + days.window_day as until
    from triage_account
    cross join (values (3), (7), (14), (30)) as days (window_day)
    where triage_account.age_days >= days.window_day
),

-- where approval leads to a tier from a free plan too, which plan it is today says nothing
approved as (
    select distinct tier
    from tier_rule
    where field = 'approved' and (value is null or value in (select lower(name) from program_plan where free))
),

approvals as (
    select account_attribute.account_id, approved.tier, min(account_attribute.since_day) as since
    from account_attribute
    join tier_rule on tier_rule.field = 'approved' and (tier_rule.value is null or tier_rule.value = account_attribute.value)
    join approved on approved.tier = tier_rule.tier
    where account_attribute.field = 'approved'
    group by account_attribute.account_id, approved.tier
)

select
    windows.account_id,
    windows.window_day,
    windows.entered_on,
    windows.until,
    account_tier.tier,
    case split_part(account_tier.rule, ' = ', 1)
        when 'approved' then account_tier.tier in (select tier from approved)
        else split_part(account_tier.rule, ' = ', 1) not in ('tag', 'group', 'plan', 'attribute', 'a person decided')
    end or coalesce(approvals.since < windows.until, false) as tier_is_dated
from windows
join account_tier on account_tier.account_id = windows.account_id
    and windows.until - 1 >= account_tier.covers_from
    and windows.until - 1 < account_tier.covers_to
left join approvals on approvals.account_id = windows.account_id and approvals.tier = account_tier.tier
where account_tier.tier in ('open', 'public')
    and (windows.first_paid_on is null or windows.first_paid_on >= windows.until)
    and (windows.contract_on is null or windows.contract_on >= windows.until)
