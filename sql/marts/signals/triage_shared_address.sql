-- One row per account and number of days: the most other accounts that had called from one of its addresses by then. An office or a mobile network
-- also stands behind one address, so this alone accuses nobody.

with addresses as (
    select
        triage_account.account_id,
        triage_account.entered_on,
        caller_address_month.address,
        min(greatest(caller_address_month.first_day, cast(triage_member.joined_at as date))) as first_day
    from caller_address_month
    join caller_account using (caller_id)
    join triage_member on triage_member.node = caller_account.node
    join triage_account on triage_account.account_id = triage_member.account_id
    group by triage_account.account_id, triage_account.entered_on, caller_address_month.address
),

-- an address is passed on in the end: only those who came within ninety days of each other share one
crowded as (
    select address
    from addresses
    group by address
    having count(*) between 2 and 1000
),

own as (
    select addresses.*, days.window_day
    from addresses
    join crowded using (address)
    cross join (values (3), (7), (14), (30)) as days (window_day)
    where addresses.first_day < addresses.entered_on + days.window_day
),

counted as (
    select own.account_id, own.window_day, own.address, count(*) as others
    from own
    join addresses as other on other.address = own.address
    where other.account_id <> own.account_id
        and other.first_day < own.entered_on + own.window_day
        and other.first_day >= own.entered_on - 90
    group by own.account_id, own.window_day, own.address
)

select account_id, window_day, max(others) as others
from counted
group by account_id, window_day
