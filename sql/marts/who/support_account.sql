-- One row per person or organization at the help desk that belongs to an account.

select
    node,
    kind,
    source,
    id,
    account_id,
    evidence,
    confidence
from account_member
where kind in ('support_user', 'support_organization')
