-- metric: account_links
-- label: Why we think it is them
-- question: What ties these records to one account?
-- unit: rows
-- grain: one row a piece of evidence about the account's records
-- good: -
-- definition: Links that hold, and those that wait for a person or were refused by one, strongest first.
-- column left_kind: what kind of record it is
-- column left_name: what the record is called
-- column right_kind: what it is tied to: a kind of record, an e-mail, a domain or a team
-- column right_name: what that is called
-- column evidence: the kind of evidence
-- column confidence: 0 to 1; links below the program's threshold are not followed
-- column left_value: what the left record says
-- column right_value: what the right one says
-- column accepted: whether the link is followed
-- column why: held, below the threshold, kept apart by a person, or refused because it would make two organizations one

with here as (
    select node
    from account_member
    where account_id in (select account_id from account_alias where alias_id = $account)
)

select
    split_part(link.left_node, ':', 1) as left_kind,
    coalesce(left_end.name, link.left_value) as left_name,
    split_part(link.right_node, ':', 1) as right_kind,
    coalesce(right_end.name, link.right_value) as right_name,
    link.evidence,
    link.confidence,
    link.linked_at,
    link.left_value,
    link.right_value,
    link.accepted,
    link.why
from identity_link as link
left join identity_node as left_end on left_end.node = link.left_node
left join identity_node as right_end on right_end.node = link.right_node
where link.left_node in (select node from here) or link.right_node in (select node from here)
order by link.confidence desc, link.left_node, link.right_node, link.evidence
limit 500
