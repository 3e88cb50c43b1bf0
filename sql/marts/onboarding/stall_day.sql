-- One row per account, moment of stall_moment and day of its window on which it called: what was answered. See stall_window on the moment's own day.

select
    stall_window.account_id,
    stall_window.moment,
    account_day.day,
    account_day.calls - if(account_day.first_ok_at > stall_window.moment, account_day.ok, 0) as calls,
    if(account_day.first_ok_at <= stall_window.moment, account_day.ok, 0) as ok,
    account_day.client_errors,
    account_day.server_errors,
    account_day.refused_auth,
    account_day.refused_quota,
    account_day.refused_validation,
    account_day.refused_no_route
from stall_window
join account_day on account_day.account_id = stall_window.account_id
    and account_day.day >= stall_window.after_day
    and account_day.day <= stall_window.last_seen
    and account_day.first_at <= stall_window.moment
