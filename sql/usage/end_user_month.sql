-- rollup: end_user_month
-- partition: month
-- grain: one row a month and caller
-- definition: How many different end users stand behind a caller, where the log names them (by hash).
select
    month,
    caller_id,
    count(distinct end_user_ref) as end_users
from request
where end_user_ref is not null
group by month, caller_id
