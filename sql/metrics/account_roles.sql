-- metric: account_roles
-- label: People and roles
-- question: Who is around this account, as what, and how do we know?
-- unit: rows
-- grain: one row a person and role
-- good: -
-- definition: Developers who signed up, people named in contracts and by the CRM, those who asked the help desk (about security, law, bills, orders,
--   or help), and those who receive the bills. A role is what a source says or what the person did, nothing more.
-- column role: developer, evaluator, economic_buyer, billing_contact, procurement, security, legal or support; null where none is said
-- column source: the sources that say so
-- column evidence: what shows it
-- column first_seen_at: when first seen in this role
-- column last_seen_at: when last seen in it

select
    account_person.name,
    account_person.email,
    account_person.role,
    account_person.title,
    account_person.evidence,
    account_person.source,
    account_person.first_seen_at,
    account_person.last_seen_at
from account_person
where account_person.account_id in (select account_id from account_alias where alias_id = $account)
order by
    list_position(
        ['economic_buyer', 'procurement', 'legal', 'security', 'billing_contact', 'evaluator', 'developer', 'support'], account_person.role
    ) nulls last,
    account_person.last_seen_at desc nulls last,
    account_person.person
limit 1000
