-- metric: sign_ups_by_day
-- label: Sign-ups by day
-- question: How many developers signed up each day, and through which channel?
-- unit: developers
-- grain: one row a day and channel that brought somebody
-- good: up
-- definition: Developers by the UTC day of their record, or else of their registration in the portal. Days without any have no row.
-- column channel: how they came; null where nobody tells

select
    cast(developer_seen.signed_up_at as date) as day,
    developer_seen.channel,
    count(*) as developers
from developer_seen
join account_tier_now using (account_id)
where developer_seen.signed_up_at <= (select as_of from snapshot_info)
    and ($date_from is null or developer_seen.signed_up_at >= cast($date_from as date))
    and ($date_to is null or developer_seen.signed_up_at < cast($date_to as date))
    and ($tier is null or account_tier_now.tier = $tier)
group by cast(developer_seen.signed_up_at as date), developer_seen.channel
order by day, channel
