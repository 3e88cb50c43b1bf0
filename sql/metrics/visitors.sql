-- metric: visitors
-- label: Visitors of docs and pricing
-- question: How many read the documentation and the price page, and how many of them do we know nothing more of?
-- unit: visitors: addresses, not people
-- grain: one row a month and kind of agent
-- good: up
-- definition: A visitor is one address (by hash) in one calendar month: an office behind one address is one, a phone that moves is several. Nobody is named.
--   Answered reads of pages only. Whether a visitor signed up cannot be known from an address; a visitor counts as seen calling where the same address called the
--   API with a key in the same month, and as never seen calling otherwise. Crawlers, scanners and scripts, by user agent, stand apart;
--   a crawler that poses as a browser is counted as a reader. Sign-ups of the month stand beside it, for comparison only.
-- column agent: reader, crawler, or unknown where there is no user agent
-- column visitors: addresses; null where the log has none
-- column called: of these, those that called the API with a key in the same month
-- column never_called: of these, those that did not
-- column views: pages read
-- column pricing_visitors: addresses that read the price page and were never seen calling
-- column signup_visitors: addresses that read the sign-up page and were never seen calling
-- column sign_ups: accounts that signed up in the month
-- column is_unfinished: the month is not over

with months as (
    select
        month,
        agent,
        cast(sum(visitors) as bigint) as visitors,
        case when sum(visitors) is not null then cast(coalesce(sum(visitors) filter (where called), 0) as bigint) end as called,
        case when sum(visitors) is not null then cast(coalesce(sum(visitors) filter (where not called), 0) as bigint) end as never_called,
        cast(sum(views) as bigint) as views
    from visit
    where not by_referrer and not by_page
    group by month, agent
),

pages as (
    select
        month,
        agent,
        -- of several price pages the one that most read, as one visitor may read them all
        max(visitors) filter (where is_pricing) as pricing_visitors,
        max(visitors) filter (where is_signup) as signup_visitors
    from (
        select month, agent, page, is_pricing, is_signup, cast(sum(visitors) as bigint) as visitors
        from visit
        where by_page and not by_referrer and not called
        group by month, agent, page, is_pricing, is_signup
    )
    group by month, agent
),

sign_ups as (
    select cast(date_trunc('month', signed_up_at) as date) as month, count(*) as sign_ups
    from account
    where signed_up_at is not null
    group by 1
)

select
    months.month,
    months.agent,
    months.visitors,
    months.called,
    months.never_called,
    months.views,
    case when months.visitors is not null then coalesce(pages.pricing_visitors, 0) end as pricing_visitors,
    case when months.visitors is not null then coalesce(pages.signup_visitors, 0) end as signup_visitors,
    coalesce(sign_ups.sign_ups, 0) as sign_ups,
    months.month + interval 1 month > (select as_of from snapshot_info) as is_unfinished
from months
left join pages using (month, agent)
left join sign_ups using (month)
where ($date_from is null or months.month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or months.month < cast($date_to as date))
order by months.month, months.agent
