-- rollup: visit_month
-- partition: month
-- from: month_part
-- grain: one row a month, kind of agent, whether the address called with a key, and network; with by_referrer also one a referrer, with by_page one a page
-- definition: Readers of the documentation and other public pages: visitors are different addresses (by hash), never people, and null where the log has none. agent is
--   reader, crawler (no browser) or unknown; called is whether the same address called the API with a key or name in the same month. Answered reads
--   of pages only: no pictures, styles and scripts. A visitor is in as many rows of a referrer or page as it came by, so only the rows with neither add up.
with callers_from as (
    select cast(date_trunc('month', day) as date) as month, client_ip
    from month_part
    where kind = 'address' and surface = 'api' and is_named
    group by cast(date_trunc('month', day) as date), client_ip
),

by_month as (
    select
        cast(date_trunc('month', day) as date) as month,
        client_ip,
        agent,
        client_network,
        referrer_host,
        page,
        sum(calls) as views
    from month_part
    where kind = 'visit'
    group by cast(date_trunc('month', day) as date), client_ip, agent, client_network, referrer_host, page
),

visits as (
    select
        by_month.month,
        by_month.client_ip,
        by_month.agent,
        callers_from.client_ip is not null as called,
        by_month.client_network,
        by_month.referrer_host,
        by_month.page,
        by_month.views
    from by_month
    left join callers_from on callers_from.month = by_month.month and callers_from.client_ip = by_month.client_ip
),

counted as (
    select
        month,
        agent,
        called,
        client_network,
        grouping(referrer_host) = 0 as by_referrer,
        grouping(page) = 0 as by_page,
        referrer_host,
        page,
        nullif(count(distinct client_ip), 0) as visitors,
        cast(sum(views) as bigint) as views
    from visits
    group by grouping sets (
        (month, agent, called, client_network),
        (month, agent, called, client_network, referrer_host),
        (month, agent, called, client_network, page),
        (month, agent, called, client_network, referrer_host, page)
    )
)

select month, agent, called, client_network, by_referrer, by_page, referrer_host, page, visitors, views
from counted
