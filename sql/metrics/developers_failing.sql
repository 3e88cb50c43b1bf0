-- metric: developers_failing
-- label: Failing right now
-- question: Whose calls fail on the last day of data, with which status, and on what?
-- unit: rows
-- grain: one row an account and status
-- good: down
-- definition: Accounts of whose calls on the last day of data three or more, and one in five, were refused (4xx), throttled (429) or failed on our side
--   (5xx); the three are never added. Nothing newer than that day is known. Monitors, probes and tests of our own are left out.
-- column day: the last day of data, UTC
-- column side: caller (4xx without 429), throttled (429) or ours (5xx)
-- column failed: calls with that status on that day
-- column side_failed: calls of that side, all statuses of it
-- column calls: all its calls of that day
-- column ok: of them those that worked
-- column route: where most of them were
-- column sample_path: one path of them, as it may be shown
-- column route_last_at: the last call on that route on that day, failed or not
-- column developer: whose credential made most of them

select
    failing_now.account_id,
    account.name,
    account.tier,
    account.stage,
    failing_now.day,
    failing_now.side,
    failing_now.status,
    failing_now.failed,
    failing_now.side_failed,
    failing_now.calls,
    failing_now.ok,
    failing_now.route,
    failing_now.sample_path,
    failing_now.route_last_at,
    developer_seen.name as developer,
    coalesce(account.owner, stall_owner.owner) as owner
from failing_now
join account using (account_id)
left join stall_owner using (account_id)
left join developer_seen on developer_seen.node = failing_now.developer_node
where failing_now.is_failing
    and ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id, developer_seen.name)), lower($search)))
order by failing_now.side desc, failing_now.side_failed desc, failing_now.account_id, failing_now.failed desc, failing_now.status
