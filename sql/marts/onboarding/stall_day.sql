-- One row per account, moment of stall_moment and day of its window on which it called: what was answered. See stall_window on the moment's own day.

select
    stall_window.account_id,
    stall_window.moment,
    onboarding_day.day,
    onboarding_day.calls - if(onboarding_day.first_ok_at > stall_window.moment, onboarding_day.ok, 0) as calls,
    if(onboarding_day.first_ok_at <= stall_window.moment, onboarding_day.ok, 0) as ok,
    onboarding_day.client_errors,
    onboarding_day.server_errors,
    onboarding_day.refused_auth,
    onboarding_day.refused_quota,
    onboarding_day.refused_validation,
    onboarding_day.refused_no_route
from stall_window
join onboarding_day on onboarding_day.account_id = stall_window.account_id
    and onboarding_day.day > stall_window.after_day
    and onboarding_day.day <= stall_window.last_seen
    and onboarding_day.first_at <= stall_window.moment
