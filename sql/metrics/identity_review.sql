-- metric: identity_review
-- label: Links that wait for a person
-- question: Which records may be the same organization's, and need somebody to say so?
-- unit: rows
-- grain: one row a pair of accounts that evidence ties together, too weakly to be followed
-- good: down
-- definition: Evidence below the program's threshold between records of two accounts, where nobody has decided. Of several pieces the strongest is
--   shown. Who has been put with a client already is not asked about the agency. What is at stake are the calls and revenue in the period of
--   the account that calls less: what would move.
-- column left_node: the record that the evidence starts from
-- column right_node: the record, domain, e-mail or team that it points to
-- column evidence: the kind of evidence
-- column confidence: 0 to 1
-- column why: why it is not followed
-- column linked_at: since when it can be known
-- column others: further pieces of evidence between the two
-- column calls: calls at stake
-- column revenue: net revenue at stake, in the reporting currency; null without a billing source

with sides as (
    select node, account_id
    from account_member
),

-- one no keeps two accounts apart, whichever of their records it named
apart as (
    select distinct least(earlier.account_id, later.account_id) as one, greatest(earlier.account_id, later.account_id) as other
    from identity_decision as decided
    join sides as earlier on earlier.node = decided.left_node
    join sides as later on later.node = decided.right_node
    where decided.action in ('reject', 'split')
),

waiting as (
    select
        link.left_node,
        link.right_node,
        link.evidence,
        link.confidence,
        link.left_value,
        link.right_value,
        link.why,
        link.linked_at,
        earlier.account_id as left_account,
        later.account_id as right_account
    from identity_link as link
    join sides as earlier on earlier.node = link.left_node
    join sides as later on later.node = link.right_node and later.account_id <> earlier.account_id
    left join apart on apart.one = least(earlier.account_id, later.account_id) and apart.other = greatest(earlier.account_id, later.account_id)
    where link.why = 'below the threshold'
        and link.evidence <> 'domain of many organizations'
        and (link.evidence <> 'domain, but names another company' or starts_with(earlier.account_id, 'dev:'))
        and apart.one is null
    qualify row_number() over (
        partition by least(left_account, right_account), greatest(left_account, right_account)
        order by link.confidence desc, link.evidence, link.left_node, link.right_node
    ) = 1
),

counted as (
    select least(earlier.account_id, later.account_id) as one, greatest(earlier.account_id, later.account_id) as other, count(*) as pieces
    from identity_link as link
    join sides as earlier on earlier.node = link.left_node
    join sides as later on later.node = link.right_node and later.account_id <> earlier.account_id
    where link.why = 'below the threshold'
    group by all
),

calls as (
    select account_id, cast(sum(calls) as bigint) as calls
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

money as (
    select account_id, sum(revenue_micros) as revenue
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
)

select
    waiting.*,
    counted.pieces - 1 as others,
    left_account.name as left_name,
    right_account.name as right_name,
    left_account.tier as left_tier,
    right_account.tier as right_tier,
    left_account.developers as left_developers,
    right_account.developers as right_developers,
    cast(coalesce(left_calls.calls, 0) as bigint) as left_calls,
    cast(coalesce(right_calls.calls, 0) as bigint) as right_calls,
    cast(least(coalesce(left_calls.calls, 0), coalesce(right_calls.calls, 0)) as bigint) as calls,
    case
        when not has_billing then null
        when coalesce(left_calls.calls, 0) < coalesce(right_calls.calls, 0) then coalesce(left_money.revenue, 0) / 1000000
        when coalesce(left_calls.calls, 0) > coalesce(right_calls.calls, 0) then coalesce(right_money.revenue, 0) / 1000000
        else least(coalesce(left_money.revenue, 0), coalesce(right_money.revenue, 0)) / 1000000
    end as revenue
from waiting
join counted on counted.one = least(left_account, right_account) and counted.other = greatest(left_account, right_account)
join account as left_account on left_account.account_id = waiting.left_account
join account as right_account on right_account.account_id = waiting.right_account
left join calls as left_calls on left_calls.account_id = waiting.left_account
left join calls as right_calls on right_calls.account_id = waiting.right_account
left join money as left_money on left_money.account_id = waiting.left_account
left join money as right_money on right_money.account_id = waiting.right_account
cross join money_known
where ($tier is null or left_account.tier = $tier or right_account.tier = $tier)
order by calls desc, revenue desc, waiting.confidence desc, waiting.left_node, waiting.right_node
