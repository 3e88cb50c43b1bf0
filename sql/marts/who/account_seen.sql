-- One row per account: the first day on which any source knew of it, and the first sign-up.

with days as (
    select account_id, cast(created_at as date) as day
    from account_member
    where created_at is not null and kind in ('developer', 'application', 'credential', 'organization', 'contract', 'billing_customer')

    union all

    select caller_account.account_id, caller.first_day
    from caller
    join caller_account using (caller_id)

    union all

    select customer_account.account_id, cast(invoice.paid_at as date)
    from invoice
    join customer_account on customer_account.source = invoice.source and customer_account.customer_id = invoice.customer_id
    where invoice.paid_at is not null
),

sign_ups as (
    select
        account_id,
        coalesce(
            min(created_at) filter (where kind = 'developer'),
            min(created_at) filter (where kind in ('application', 'credential')),
            min(created_at) filter (where kind in ('organization', 'contract'))
        ) as signed_up_at
    from account_member
    group by account_id
),

first_days as (
    select account_id, min(day) as first_day
    from days
    group by account_id
)

select account_id, first_days.first_day, sign_ups.signed_up_at
from first_days
full join sign_ups using (account_id)
