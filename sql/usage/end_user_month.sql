-- rollup: end_user_month
-- partition: month
-- from: month_part
-- grain: one row a month and caller
-- definition: How many different end users stand behind a caller, where the log names them (by hash).
select
    cast(date_trunc('month', day) as date) as month,
    caller_id,
    count(distinct end_user_ref) as end_users
from month_part
where kind = 'end_user'
group by cast(date_trunc('month', day) as date), caller_id
