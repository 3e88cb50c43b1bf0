-- One row per account and reason that its facts satisfy. The rules stand here in their order: the first that holds is *the* reason,
-- the others are secondary. Shares are of the calls in the window; three calls or visits are the fewest that mean anything.

with facts as (
    select
        *,
        refused_auth / nullif(calls, 0) as auth_share,
        refused_quota / nullif(calls, 0) as quota_share,
        server_errors / nullif(calls, 0) as error_share,
        unmatched / nullif(calls, 0) as lost_share,
        not_found / nullif(calls, 0) as not_found_share,
        refused_validation / nullif(calls, 0) as invalid_share,
        strftime(window_until, '%-d %b %Y') as until_text,
        contains(coalesce(waiting_for, '') || ' ' || coalesce(waiting_step, ''), 'security') as waits_security,
        contains(coalesce(waiting_for, '') || ' ' || coalesce(waiting_step, ''), 'legal') as waits_legal,
        regexp_matches(coalesce(waiting_for, '') || ' ' || coalesce(waiting_step, ''), 'decision|executive|sponsor|economic|buyer') as waits_decision
    from stall_fact
)

select account_id, 1 as position, 'auth_refused' as reason,
    refused_auth || ' of ' || calls || ' calls refused for their credentials in the 14 days to ' || until_text as evidence
from facts
where refused_auth >= 3 and auth_share >= 0.2

union all

select account_id, 2, 'quota_refused_no_way_up', refused_quota || ' of ' || calls || ' calls over quota in the 14 days to ' || until_text
    || ', and no plan above to take'
from facts
where refused_quota >= 3 and quota_share >= 0.05 and coalesce(not has_way_up, false)

union all

select account_id, 3, 'quota_refused', refused_quota || ' of ' || calls || ' calls over quota in the 14 days to ' || until_text
from facts
where refused_quota >= 3 and quota_share >= 0.05 and not coalesce(not has_way_up, false)

union all

select account_id, 4, 'our_errors', server_errors || ' of ' || calls || ' calls failed on our side in the 14 days to ' || until_text
from facts
where server_errors >= 3 and error_share >= 0.1

union all

-- a 404 may also mean that a thing is not there on a right path: then it takes more of them
select account_id, 5, 'wrong_path', greatest(unmatched, not_found) || ' of ' || calls || ' calls to paths where nothing is'
    || coalesce(', as ' || sample_path, '') || ', in the 14 days to ' || until_text
from facts
where (unmatched >= 3 and lost_share >= 0.15) or (not_found >= 3 and not_found_share >= 0.4)

union all

select account_id, 6, 'invalid_requests', refused_validation || ' of ' || calls || ' calls refused as invalid in the 14 days to ' || until_text
from facts
where refused_validation >= 3 and invalid_share >= 0.15

union all

select account_id, 7, 'breached_ticket', breached_tickets || ' open ticket(s) answered later than promised: "' || coalesce(ticket_subject, 'no subject')
    || '" since ' || strftime(open_since, '%-d %b %Y')
from facts
where breached_tickets > 0

union all

select account_id, 8, 'open_ticket', open_tickets || ' open ticket(s): "' || coalesce(ticket_subject, 'no subject') || '" since '
    || strftime(open_since, '%-d %b %Y')
from facts
where open_tickets > 0

union all

select account_id, 9, 'waiting_security', waiting_step || ' since ' || strftime(waiting_since, '%-d %b %Y')
from facts
where waits_security

union all

select account_id, 10, 'waiting_legal', waiting_step || ' since ' || strftime(waiting_since, '%-d %b %Y')
from facts
where waits_legal and not waits_security

union all

select account_id, 11, 'waiting_decision_maker', waiting_step || ' since ' || strftime(waiting_since, '%-d %b %Y')
from facts
where waits_decision and not waits_security and not waits_legal

union all

select account_id, 12, 'waiting_procurement', waiting_step || ' since ' || strftime(waiting_since, '%-d %b %Y')
from facts
where waiting_since is not null and not waits_security and not waits_legal and not waits_decision

union all

select account_id, 13, 'docs_no_key', docs_read || ' visit(s) to the docs up to ' || until_text || ', no key asked for'
from facts
where credentials = 0 and docs_read >= 3

union all

select account_id, 14, 'key_no_call', credentials || ' credential(s), no call ever'
from facts
where credentials > 0 and calls_ever = 0

union all

select account_id, 15, 'pricing_no_contact', pricing_read || ' visit(s) to the price page up to ' || until_text || ', nobody spoke to'
from facts
where pricing_read > 0 and ok_ever > 0

union all

select account_id, 16, 'succeeded_silent', 'last success ' || strftime(last_ok_day, '%-d %b %Y') || ', silent for ' || silent_days || ' days'
from facts
where ok_ever > 0 and silent_days >= 14

union all

select account_id, 17, 'no_activity', 'nothing that says why; last seen ' || until_text
from facts
