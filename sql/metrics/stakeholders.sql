-- metric: stakeholders
-- label: Who is around each API
-- question: Who pays for each API, builds on it, uses it, watches it or wants it, who of ours owns the relation, and what is open?
-- unit: rows
-- grain: one row an API, role and whoever has it
-- good: -
-- definition: From the last 90 days of calls. Payer: pays for an application that called it. Developer: an open or public account that calls it.
--   End users: behind an account's applications, of the account and not of the API, since no log splits them. Team: one of ours. Partner: an account of the partner
--   tier. Regulator and competitor: as program.toml names them. Prospect: calls it, has an open sale and does not pay. Only readers: addresses that
--   read its most read page in the last whole month and were never seen calling. An account may have several roles, so
--   they do not add up. Last contact is what was written down: contacts of the Stalled page, public replies, outreach, sales and signatures; mail and calls of
--   nobody's record are unknown. The open concern is the first of: a step of procurement, an open ticket, an enterprise that nobody leads, a stall, a broken exposure.
-- column people: developers whose keys called it in the last 90 days
-- column calls: their calls
-- column end_users: the newest month that is known; said in `said` whether measured or reported
-- column visitors: addresses, of readers only
-- column said: what a source says, where there is no account
-- column owner: who of ours; null for nobody
-- column concerns: how many concerns are open in all

select
    stakeholder.service,
    stakeholder.role,
    stakeholder.account_id,
    stakeholder.name,
    stakeholder.tier,
    stakeholder.people,
    stakeholder.calls,
    stakeholder.end_users,
    stakeholder.visitors,
    stakeholder.said,
    stakeholder.owner,
    stakeholder.last_contact_at,
    stakeholder.last_contact,
    stakeholder.concern,
    stakeholder.concern_kind,
    stakeholder.concern_since,
    stakeholder.concerns
from stakeholder
where ($service is null or stakeholder.service = $service)
    and ($tier is null or stakeholder.tier = $tier)
    and ($search is null or contains(lower(stakeholder.name), lower($search)))
order by stakeholder.service, stakeholder.role, stakeholder.calls desc nulls last, stakeholder.account_id, stakeholder.name
