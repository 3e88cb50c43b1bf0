-- metric: account_people
-- label: People
-- question: Who works with us there?
-- unit: rows
-- grain: one row a developer of the account
-- good: -
-- definition: The developers of one account, with the evidence that ties each to it.
-- column developer_id: id at its source
-- column evidence: the link that says most about the organization of this person; stands alone where there is none
-- column confidence: of that link, 0 to 1
-- column first_call_at: first API call by a credential of this person
-- column last_call_at: last one

with people as (
    select developer_account.*
    from developer_account
    where account_id in (select account_id from account_alias where alias_id = $account)
),

calls as (
    select caller_account.developer_node as node, min(usage_day.first_at) as first_call_at, max(usage_day.last_at) as last_call_at
    from usage_day
    join caller_account using (caller_id)
    join people on people.node = caller_account.developer_node
    where usage_day.surface = 'api'
    group by caller_account.developer_node
)

select
    people.developer_id,
    developer.name,
    developer.email,
    developer.created_at as signed_up_at,
    developer.verified_at,
    belonging.evidence,
    belonging.confidence,
    calls.first_call_at,
    calls.last_call_at
from people
join developer using (node)
join belonging using (node)
left join calls using (node)
order by developer.created_at, people.developer_id
