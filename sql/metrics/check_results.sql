-- metric: check_results
-- label: Checks
-- question: Do the numbers hold together?
-- unit: rows
-- grain: one row a check
-- good: -
-- definition: Each check looks for rows that must not exist; this snapshot was published because none of the strict ones found any.
-- column name: the check
-- column question: what it asks
-- column bad_rows: how many it found
-- column sample: a few of them

select *
from check_result
order by bad_rows desc, name
