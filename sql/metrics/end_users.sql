-- metric: end_users
-- label: End users behind applications
-- question: How many people use what was built on our APIs, and who says so?
-- unit: end users a month
-- grain: one row a month, account, source of the number and what was counted
-- good: up
-- definition: Measured: different end users (by hash) that the logs name, counted a key and month; the keys' counts of an account are added, so whoever came by two
--   keys counts twice. Reported: what a partner says, of its whole where it does, else of its applications; shops and users, or two sources, are
--   rows of their own. The two are never added. Most logs name no end user: an account that is missing
--   here is unknown, not without any.
-- column how: measured or reported
-- column counted: keys that named end users, or reports
-- column counted_as: what the partner counts
-- column is_newest: the newest month of this account, source and what was counted

select
    account_end_users.month,
    account_end_users.account_id,
    coalesce(account.name, account_end_users.said_name, account_end_users.account_id) as name,
    account.tier,
    account_end_users.how,
    account_end_users.end_users,
    account_end_users.counted,
    account_end_users.counted_as,
    account_end_users.source,
    row_number() over (
        partition by account_end_users.account_id, account_end_users.said_name, account_end_users.how, account_end_users.counted_as,
            account_end_users.source
        order by account_end_users.month desc
    ) = 1 as is_newest
from account_end_users
left join account using (account_id)
where ($tier is null or account.tier = $tier)
    and ($account is null or account_end_users.account_id in (select account_id from account_alias where alias_id = $account))
    and ($search is null or contains(lower(coalesce(account.name, account_end_users.said_name, '')), lower($search)))
    and ($date_from is null or account_end_users.month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or account_end_users.month < cast($date_to as date))
order by account_end_users.month, account_end_users.how, account_end_users.end_users desc, account_end_users.account_id
