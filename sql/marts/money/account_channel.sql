-- One row per account: when it signed up, and through which channel, as its first developer's record or registration says.

with said as (
    select developer_account.account_id, developer.created_at, developer.channel, developer.node
    from developer
    join developer_account using (node)

    union all

    select account_id, occurred_at, channel, id
    from portal_account
    where kind = 'registered'
)

select
    account_id,
    min(created_at) as signed_up_at,
    arg_min(channel, (created_at, node)) filter (where channel is not null) as channel
from said
group by account_id
