-- metric: path_mismatch
-- label: Served on the wrong path
-- question: Who looks like an enterprise but nobody leads it, and who is small but waits behind a sales step?
-- unit: rows
-- grain: one row an account, the most days lost first
-- good: down
-- definition: Unowned: as many strong signs of an enterprise as [path_rules] asks for, one of which tells of a company, and no owner, live sale or contract.
--   Held up: at most one developer, few calls, no sign of a company, not paying, and behind an open step, an unsigned contract, an unanswered question
--   of price or quota, or a plan that is not self-service. Only open and public accounts seen of late. Days lost count since the sign that made up
--   the number, or since it began to wait.
-- column mismatch: unowned or held_up
-- column since: since when it is served wrongly
-- column first_signal_at: the first strong sign of an enterprise
-- column days_lost: days since then
-- column signals: strong signs of an enterprise, or sales steps that it waits behind
-- column signal_labels: which
-- column evidence: what shows it
-- column served_evidence: how it is served, or what shows that it is small
-- column value_at_risk: of its stall, in the reporting currency; null where it does not stall or too few have paid to tell

select
    path_mismatch.account_id,
    account.name,
    path_mismatch.tier,
    account.stage,
    path_mismatch.mismatch,
    path_mismatch.since,
    path_mismatch.first_signal_at,
    round(path_mismatch.days_lost, 1) as days_lost,
    path_mismatch.signals,
    path_mismatch.signal_labels,
    path_mismatch.evidence,
    path_mismatch.served_evidence,
    case when stall.stalled then stall.value_at_risk_micros / 1000000 end as value_at_risk
from path_mismatch
join account using (account_id)
left join stall using (account_id)
where ($tier is null or path_mismatch.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, path_mismatch.account_id)), lower($search)))
order by path_mismatch.mismatch desc, path_mismatch.days_lost desc nulls last, path_mismatch.account_id
