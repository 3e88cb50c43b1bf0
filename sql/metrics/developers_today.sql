-- metric: developers_today
-- label: Today's list
-- question: Whom should an evangelist write to this morning, and why?
-- unit: rows
-- grain: one row an account, the most pressing first
-- good: -
-- definition: Accounts on at least one list of the morning: failing on the last day of data; gone quiet though it mattered; outgrew free with no way up; fell
--   back two levels of use or more in the last whole month; signed up yesterday; signed up three to fourteen days ago without a call. The first
--   list is the most pressing.
-- column list: the most pressing list: failing, quiet, outgrew, fell, new or no_call
-- column lists: all lists that it is on, as JSON
-- column evidence: what shows it
-- column developer: the developer whom it is about, where one is known
-- column since: the last failing call, the last success, the month, or the sign-up
-- column owner: who of ours looks after the account; by a person, a contract, an opportunity or a rule

with listed as (
    select
        account_id,
        arg_min(list, place) as list,
        to_json(list(list order by place)) as lists,
        arg_min(evidence, place) as evidence,
        arg_min(node, place) as node,
        arg_min(since, place) as since,
        min(place) as place,
        arg_min(weight, place) as weight
    from morning_item
    group by account_id
)

select
    listed.account_id,
    account.name,
    account.tier,
    account.stage,
    listed.list,
    listed.lists,
    listed.evidence,
    developer_seen.name as developer,
    listed.since,
    coalesce(account.owner, stall_owner.owner) as owner
from listed
join account using (account_id)
left join stall_owner using (account_id)
left join developer_seen using (node)
where ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id, developer_seen.name)), lower($search)))
order by listed.place, listed.weight desc, listed.since desc nulls last, listed.account_id
