-- One row per account and item of readiness that a person has decided about: the newest word that was not undone. `said_of` is the
-- account's id when it was said.

select id, account_id as said_of, item, state, cast(on_day as date) as on_day, nullif(trim(owner), '') as owner, author, decided_at, reason
from raw_readiness_decision
where undone_at is null
qualify row_number() over (partition by account_id, item order by decided_at desc, id desc) = 1
