-- metric: plan_typed
-- label: Plans typed in
-- question: Which plans that people typed in does this snapshot have?
-- unit: entries
-- grain: one row an entry that was not undone
-- good: -
-- definition: The entries of the Contribution page, each with who typed it in and when. Of several for one month, tier and line the newest holds.
-- column id: the entry's number
-- column month: first day of the month
-- column tier: internal, partner, open or public
-- column line: what is planned
-- column author: who typed it in
-- column decided_at: when, UTC

select id, month, tier, line, author, decided_at
from raw_plan_entered
where undone_at is null
order by decided_at desc, id desc
