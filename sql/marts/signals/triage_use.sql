-- One row per account, day of its first thirty and number of days after which that use was known to be the account's: what it called.

with callers as (
    select
        caller_account.caller_id,
        triage_account.account_id,
        triage_account.entered_on,
        greatest(0, date_diff('day', triage_account.entered_on, cast(triage_member.joined_at as date))) as joined_day
    from caller_account
    join triage_member on triage_member.node = caller_account.node
    join triage_account on triage_account.account_id = triage_member.account_id
)

select
    callers.account_id,
    usage_day.day,
    greatest(date_diff('day', callers.entered_on, usage_day.day), callers.joined_day) as known_after,
    sum(usage_day.calls) as calls,
    sum(usage_day.ok) as ok,
    sum(usage_day.client_errors) as client_errors,
    sum(usage_day.refused_auth) as refused_auth,
    sum(usage_day.refused_quota + usage_day.refused_rate_limit) as refused_quota,
    sum(usage_day.writes_ok) as writes_ok,
    max(usage_day.distinct_ips) as addresses
from usage_day
join callers using (caller_id)
where usage_day.surface = 'api'
    and usage_day.day >= callers.entered_on
    and usage_day.day < callers.entered_on + 30
    and callers.joined_day < 30
group by callers.account_id, usage_day.day, known_after
