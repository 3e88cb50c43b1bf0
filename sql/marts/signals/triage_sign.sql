-- One row per account, number of days and sign of abuse that it showed by then, in words. One sign is a coincidence; the class abuse takes several.

with signs as (
    select account_id, window_day, 'address' as sign, 'shares an address with ' || others || ' other accounts' as evidence
    from triage_shared_address
    where others >= 3

    union all

    select account_id, window_day, 'name', others || ' other accounts are in the same person''s name'
    from triage_shared_name
    where others >= 3

    union all

    select account_id, window_day, 'disposable mail', 'signed up with a disposable address'
    from triage_fact
    where disposable > 0

    union all

    select account_id, window_day, 'many addresses', 'one key called from ' || addresses || ' addresses on one day'
    from triage_fact
    where addresses >= 10

    union all

    select account_id, window_day, 'over the limit', cast(round(100 * refused_quota / calls) as integer) || ' % of ' || calls || ' calls were over its limit'
    from triage_fact
    where calls >= 20 and refused_quota >= 0.2 * calls
)

select signs.account_id, signs.window_day, signs.sign, signs.evidence
from signs
join triage_window using (account_id, window_day)
