-- metric: account_links
-- label: Why we think it is them
-- question: What ties these records to one account?
-- unit: rows
-- grain: one row a piece of evidence about the account's records
-- good: -
-- definition: Links that hold, and those that wait for a person or were refused by one, strongest first.
-- column left: the record
-- column right: the record, e-mail, domain or team that it is tied to
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
    left_node as "left",
    right_node as "right",
    evidence,
    confidence,
    left_value,
    right_value,
    accepted,
    why
from identity_link
where left_node in (select node from here) or right_node in (select node from here)
order by confidence desc, left_node, right_node
limit 500
