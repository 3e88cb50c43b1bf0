-- metric: work_judgements
-- label: What was decided about accounts
-- question: Which owners, moves and notes does this snapshot have, and to which account of today do they belong?
-- unit: rows
-- grain: one row a judgement, undone ones too
-- good: -
-- definition: Judgements name the account as it was called when they were made; records that join or leave it since take them along.
-- column kind: owner, move or note
-- column id: the judgement's number in the store, within its kind
-- column account_id: the account today
-- column decided_for: the account as it was named when it was decided
-- column undone: whether it was undone

with judged as (
    select 'owner' as kind, id, account_id, undone_at from raw_account_owner
    union all
    select 'move', id, account_id, undone_at from raw_account_move
    union all
    select 'note', id, account_id, undone_at from raw_account_note
)

select
    judged.kind,
    judged.id,
    coalesce(account_alias.account_id, judged.account_id) as account_id,
    judged.account_id as decided_for,
    judged.undone_at is not null as undone
from judged
left join account_alias on account_alias.alias_id = judged.account_id
order by judged.kind, judged.id
