-- materialise: view
-- One row per account that is or was a partner.

select distinct account_id
from account_tier
where tier = 'partner'
