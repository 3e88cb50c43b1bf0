-- metric: rule_values
-- label: What rules can look for
-- question: Which groups, tags, plans, products, attributes and contracts do accounts have today?
-- unit: rows
-- grain: one row a condition and value, the most accounts first; at most 200 values a condition
-- good: -
-- definition: The values that a tier rule or ladder rule can name, as the sources wrote them, in lower case, and how many accounts have each on the
--   snapshot's day. An account has a value when any of its records does.
-- column field: the condition, as a rule's `when` names it
-- column rule_value: the value
-- column accounts: accounts that have it today

select
    account_attribute.field,
    account_attribute.value as rule_value,
    count(distinct account_attribute.account_id) as accounts
from account_attribute
cross join snapshot_info
where account_attribute.value <> ''
    and (account_attribute.since_day is null or account_attribute.since_day <= cast(snapshot_info.as_of as date))
    and (account_attribute.until_day is null or account_attribute.until_day > cast(snapshot_info.as_of as date))
group by account_attribute.field, account_attribute.value
qualify row_number() over (partition by account_attribute.field order by accounts desc, rule_value) <= 200
order by account_attribute.field, accounts desc, rule_value
