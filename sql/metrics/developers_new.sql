-- metric: developers_new
-- label: Signed up
-- question: Who signed up in these days, from where, and how far are they?
-- unit: developers
-- grain: one row a developer, the newest first
-- good: up
-- definition: Developers whose record, or else whose registration in the portal, is of the period; without a period all of them. Channel and referrer are
--   what either says; a developer that neither tells of has none.
-- column developer: its name
-- column signed_up_at: UTC
-- column channel: how it came, as its record or registration says
-- column referrer: the page or campaign it came from, where the portal says
-- column has_key: whether an application or credential is its own
-- column first_call_at: first call by its own credentials; null before
-- column first_success_at: first call of them that worked
-- column is_first: whether its account had no developer before it
-- column owner: who of ours looks after the account

with people as (
    select *, row_number() over (partition by account_id order by signed_up_at, node) = 1 as is_first
    from developer_seen
    where signed_up_at is not null
),

keys as (
    select distinct developer_node as node
    from application_account
    where developer_node is not null
    union
    select distinct developer_node
    from caller_account
    where developer_node is not null
)

select
    people.account_id,
    account.name,
    account.tier,
    account.stage,
    people.name as developer,
    people.signed_up_at,
    people.channel,
    people.referrer,
    keys.node is not null as has_key,
    people.first_call_at,
    people.first_success_at,
    people.is_first,
    coalesce(account.owner, stall_owner.owner) as owner
from people
join account using (account_id)
left join stall_owner using (account_id)
left join keys using (node)
where people.signed_up_at <= (select as_of from snapshot_info)
    and ($date_from is null or people.signed_up_at >= cast($date_from as date))
    and ($date_to is null or people.signed_up_at < cast($date_to as date))
    and ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id, people.name)), lower($search)))
order by people.signed_up_at desc, people.node
