-- One row per account and number of days: what it looks like, by the probability that it pays and by what it does. The first that holds: abuse (two
-- signs or more); commercial (likely to pay, and in lasting use); prototype (likely to pay, not in lasting use yet); undetermined (has not called);
-- exploring (somebody of a company, or several people); hobby (one person). Likely is twice the base rate, and 15 % at the least. Lasting use is what
-- program.toml calls integrated: successes on so many days, or so many routes.

with signs as (
    select account_id, window_day, count(*) as signs
    from triage_sign
    group by account_id, window_day
)

select
    triage_score.account_id,
    triage_score.window_day,
    triage_score.version,
    triage_score.probability,
    triage_score.base_rate,
    coalesce(signs.signs, 0) as abuse_signs,
    case
        when coalesce(signs.signs, 0) >= 2 then 'abuse'
        when triage_score.probability >= greatest(0.15, 2 * triage_score.base_rate)
            then if(fact.ok_days >= setting.integrated_days or fact.routes >= setting.integrated_routes, 'commercial', 'prototype')
        when fact.calls = 0 then 'undetermined'
        when fact.domain is not null or fact.company_named is not null or fact.developers > 1 then 'exploring'
        else 'hobby'
    end as class
from triage_score
join triage_fact as fact using (account_id, window_day)
cross join setting
left join signs using (account_id, window_day)
