-- metric: money_known
-- label: Which money is known
-- question: Which figures of money have no source yet?
-- unit: yes or no
-- grain: one row
-- good: -
-- definition: Whether any source tells of bills, of costs, of tickets, and whether an hour of support has a rate. What none tells is shown as missing, never as 0.
-- column has_billing: a biller's customers or bills
-- column has_costs: a cloud bill, entered costs or unit costs
-- column has_support: tickets of a help desk
-- column has_support_rate: a rate of support in program.toml
-- column missing: what is unknown without them, in words

select has_billing, has_costs, has_support, has_support_rate, missing
from money_known
