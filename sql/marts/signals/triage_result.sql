-- One row per account that is free today and was after three days: where it stands by the latest of 3, 7, 14 and 30 days that it has had. The chance
-- now is lower than the probability was then, because it has not paid since: by how many of those who pay have done so by its age. Nobody's is left
-- after 180 days.

with latest as (
    select account_id, max(window_day) as window_day
    from triage_class
    group by account_id
),

free as (
    select triage_account.*, account.tier
    from triage_account
    join account using (account_id)
    where (triage_account.first_paid_on is null or triage_account.first_paid_on > (select cast(as_of as date) from snapshot_info))
        and (triage_account.contract_on is null or triage_account.contract_on > (select cast(as_of as date) from snapshot_info))
        and account.tier in ('open', 'public')
),

-- the share of those who pay that has by each age, of those who had not yet paid when they were judged
paces as (
    select
        free.account_id,
        latest.window_day,
        from_json(triage_model.pace, '["DOUBLE"]') as pace
    from free
    join latest using (account_id)
    join triage_model on triage_model.window_day = latest.window_day and triage_model.is_current
)

select
    free.account_id,
    free.tier,
    free.entered_on,
    free.age_days,
    free.age_days >= 180 as is_over,
    triage_class.window_day,
    triage_class.version,
    triage_class.class,
    triage_class.abuse_signs,
    triage_class.base_rate,
    triage_class.probability,
    case
        when free.age_days >= 180 then 0
        else triage_class.probability * (1 - paces.pace[free.age_days + 1]) / (1 - triage_class.probability * paces.pace[free.age_days + 1])
    end as chance_now
from free
join latest using (account_id)
join triage_class on triage_class.account_id = latest.account_id and triage_class.window_day = latest.window_day
join paces on paces.account_id = free.account_id and paces.window_day = latest.window_day
