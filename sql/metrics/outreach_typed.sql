-- metric: outreach_typed
-- label: Outreach entered
-- question: Which words about outreach that people entered does this snapshot have?
-- unit: rows
-- grain: one row a word that was not undone
-- good: -
-- definition: The numbers of what people entered about outreach, changed and removed, as far as the snapshot has them.
-- column id: its number

select id
from raw_outreach_entered
where undone_at is null
order by id
