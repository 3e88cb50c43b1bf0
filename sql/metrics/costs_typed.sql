-- metric: costs_typed
-- label: Costs entered
-- question: Which costs that people entered does this snapshot have?
-- unit: entries
-- grain: one row an entry that was not undone
-- good: -
-- definition: The entries of the Costs page: a pool, an amount and the days that it is spread over evenly, with who entered it and when.
-- column id: the entry's number
-- column pool: the pool that it belongs to
-- column starts_on: its first day
-- column ends_on: its last day
-- column author: who entered it
-- column decided_at: when, UTC

select id, pool, starts_on, ends_on, author, decided_at
from raw_cost_entered
where undone_at is null
order by decided_at desc, id desc
