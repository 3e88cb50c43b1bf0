-- One row per account and number of days of triage_window: what was known of it by then. Nothing that came later, or that came to be known as its
-- own later, is in it. Counts are 0 where nothing was seen.

with steps as (
    select
        triage_window.account_id,
        triage_window.window_day,
        count(*) filter (where step = 'developer') as developers,
        mode(detail) filter (where step = 'developer') as domain,
        mode(detail) filter (where step = 'company named') as company_named,
        count(*) filter (where step = 'disposable mail') as disposable,
        count(*) filter (where step = 'verified') as verified,
        count(*) filter (where step = 'application') as applications,
        count(*) filter (where step in ('application', 'credential')) as keys,
        count(*) filter (where step = 'docs_read') as docs_read,
        count(*) filter (where step = 'pricing_read') as pricing_read,
        count(*) filter (where step in ('talk', 'asked for a price', 'asked for terms') or step like 'contact%' or step like 'quote%') as talks,
        count(*) filter (where step = 'ticket') as tickets
    from triage_window
    join triage_step using (account_id)
    where triage_step.known_after < triage_window.window_day
    group by triage_window.account_id, triage_window.window_day
),

days as (
    select
        triage_window.account_id,
        triage_window.window_day,
        triage_use.day,
        sum(triage_use.calls) as calls,
        sum(triage_use.ok) as ok,
        sum(triage_use.client_errors) as client_errors,
        sum(triage_use.refused_auth) as refused_auth,
        sum(triage_use.refused_quota) as refused_quota,
        sum(triage_use.writes_ok) as writes,
        max(triage_use.addresses) as addresses
    from triage_window
    join triage_use using (account_id)
    where triage_use.known_after < triage_window.window_day
    group by triage_window.account_id, triage_window.window_day, triage_use.day
),

used as (
    select
        account_id,
        window_day,
        sum(calls) as calls,
        sum(ok) as ok,
        sum(client_errors) as client_errors,
        sum(refused_auth) as refused_auth,
        sum(refused_quota) as refused_quota,
        sum(writes) as writes,
        count(*) as active_days,
        count(*) filter (where ok > 0) as ok_days,
        count(*) filter (where isodow(day) < 6) as weekdays,
        max(day) as last_day,
        max(addresses) as addresses
    from days
    group by account_id, window_day
),

routes as (
    select triage_window.account_id, triage_window.window_day, count(*) as routes
    from triage_window
    join triage_route using (account_id)
    where triage_route.known_after < triage_window.window_day
    group by triage_window.account_id, triage_window.window_day
)

select
    triage_window.account_id,
    triage_window.window_day,
    triage_window.entered_on,
    triage_window.until,
    triage_window.tier,
    triage_window.tier_is_dated,
    steps.domain,
    steps.company_named,
    coalesce(steps.developers, 0) as developers,
    coalesce(steps.disposable, 0) as disposable,
    coalesce(steps.verified, 0) as verified,
    coalesce(steps.applications, 0) as applications,
    coalesce(steps.keys, 0) as keys,
    coalesce(steps.docs_read, 0) as docs_read,
    coalesce(steps.pricing_read, 0) as pricing_read,
    coalesce(steps.talks, 0) as talks,
    coalesce(steps.tickets, 0) as tickets,
    cast(coalesce(used.calls, 0) as bigint) as calls,
    cast(coalesce(used.ok, 0) as bigint) as ok,
    cast(coalesce(used.client_errors, 0) as bigint) as client_errors,
    cast(coalesce(used.refused_auth, 0) as bigint) as refused_auth,
    cast(coalesce(used.refused_quota, 0) as bigint) as refused_quota,
    cast(coalesce(used.writes, 0) as bigint) as writes,
    coalesce(used.active_days, 0) as active_days,
    coalesce(used.ok_days, 0) as ok_days,
    coalesce(used.weekdays, 0) as weekdays,
    coalesce(date_diff('day', used.last_day, triage_window.until) - 1, triage_window.window_day) as silent_days,
    coalesce(used.addresses, 0) as addresses,
    coalesce(routes.routes, 0) as routes
from triage_window
left join steps using (account_id, window_day)
left join used using (account_id, window_day)
left join routes using (account_id, window_day)
