-- One row per account and route on which it succeeded in its first thirty days: after how many days that was known.

select
    triage_account.account_id,
    used.service,
    used.route,
    min(greatest(
        date_diff('day', triage_account.entered_on, used.day),
        date_diff('day', triage_account.entered_on, cast(triage_member.joined_at as date))
    )) as known_after
from usage_route_day as used
join caller_account using (caller_id)
join triage_member on triage_member.node = caller_account.node
join triage_account on triage_account.account_id = triage_member.account_id
where used.ok > 0
    and used.day >= triage_account.entered_on
    and used.day < triage_account.entered_on + 30
group by triage_account.account_id, used.service, used.route
