-- metric: sales_known
-- label: Which sales records are known
-- question: Which records of sales has no source brought yet?
-- unit: yes or no
-- grain: one row
-- good: -
-- definition: Whether any source tells of contracts, of their steps, of opportunities and of tickets. Without them nobody is known to be led by sales,
--   which does not mean that nobody is.
-- column has_contracts: contracts
-- column has_steps: steps of their procurement
-- column has_opportunities: opportunities
-- column has_support: tickets of a help desk

select
    exists (select 1 from raw_contract) as has_contracts,
    exists (select 1 from contract_step) as has_steps,
    exists (select 1 from raw_opportunity) as has_opportunities,
    exists (select 1 from raw_ticket) as has_support
