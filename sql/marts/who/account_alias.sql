-- One row per id under which an account was, is or will be known: links and judgements survive when records join it.

select 'org:' || substr(md5(node), 1, 16) as alias_id, account_id
from account_member

union

select 'dev:' || source || ':' || id, min(account_id)
from account_member
where kind in ('developer', 'application', 'credential')
group by source, id

union

select account_id, account_id
from caller_account
where starts_with(account_id, 'nobody:')
