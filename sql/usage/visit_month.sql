-- rollup: visit_month
-- partition: month
-- grain: one row a month, kind of agent, whether the address called with a key, and network; with by_referrer also one a referrer, with by_page one a page
-- definition: Readers of the documentation and other public pages: visitors are different addresses (by hash), never people, and null where the log has none. agent is
--   reader, crawler (no browser) or unknown; called is whether the same address called the API with a key or name in the same month. Answered reads
--   of pages only: no pictures, styles and scripts. A visitor is in as many rows of a referrer or page as it came by, so only the rows with neither add up.
with callers_from as (
    select month, client_ip
    from request
    where surface = 'api' and client_ip is not null
        and coalesce(credential_ref, consumer_ref, application_ref, developer_ref) is not null
    group by month, client_ip
),

views as (
    select
        request.month,
        request.client_ip,
        agent_kind(request.user_agent) as agent,
        callers_from.client_ip is not null as called,
        request.client_network,
        request.referrer_host,
        request.path_template as page
    from request
    left join callers_from on callers_from.month = request.month and callers_from.client_ip = request.client_ip
    where request.surface <> 'api' and request.outcome = 'ok' and request.method = 'GET' and is_page(request.path)
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
        count(*) as views
    from views
    group by grouping sets (
        (month, agent, called, client_network),
        (month, agent, called, client_network, referrer_host),
        (month, agent, called, client_network, page),
        (month, agent, called, client_network, referrer_host, page)
    )
)

select month, agent, called, client_network, by_referrer, by_page, referrer_host, page, visitors, views
from counted
