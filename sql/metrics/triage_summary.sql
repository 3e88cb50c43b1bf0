-- metric: triage_summary
-- label: Triage of free accounts
-- question: How many of the free accounts will pay?
-- unit: accounts
-- grain: one row a class
-- good: -
-- definition: Accounts that are free today, have had three days and not yet 180. Expected payers are the sum of their chances now. What became of a class is
--   that of accounts which looked so after 14 days and have had all 180 since; they had a part in the model, so a later cohort may do worse.
-- column class: commercial, prototype, exploring, hobby, abuse or undetermined
-- column accounts: free accounts within their 180 days
-- column expected_payers: the sum of their chances now
-- column older: free accounts of the class whose 180 days are over
-- column known: accounts that looked so after 14 days and have had 180
-- column known_paid: of them, paid within 180 days

with classes as (
    select unnest(['commercial', 'prototype', 'exploring', 'hobby', 'abuse', 'undetermined']) as class,
        unnest([1, 2, 3, 4, 5, 6]) as position
),

now_free as (
    select
        class,
        count(*) filter (where not is_over) as accounts,
        coalesce(sum(chance_now) filter (where not is_over), 0) as expected_payers,
        count(*) filter (where is_over) as older
    from triage_result
    where ($tier is null or tier = $tier)
    group by class
),

became as (
    select
        triage_class.class,
        count(*) as known,
        count(*) filter (where triage_account.paid_after_days < 180) as known_paid
    from triage_class
    join triage_window using (account_id, window_day)
    join triage_account using (account_id)
    where triage_class.window_day = 14 and triage_account.age_days >= 180 and ($tier is null or triage_window.tier = $tier)
    group by triage_class.class
)

select
    classes.class,
    coalesce(now_free.accounts, 0) as accounts,
    coalesce(now_free.expected_payers, 0) as expected_payers,
    coalesce(now_free.older, 0) as older,
    coalesce(became.known, 0) as known,
    coalesce(became.known_paid, 0) as known_paid
from classes
left join now_free using (class)
left join became using (class)
order by classes.position
