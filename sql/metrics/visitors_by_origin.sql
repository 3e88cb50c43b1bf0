-- metric: visitors_by_origin
-- label: Visitors who never called, by referrer and page
-- question: From where do those come that read and were never seen calling, and what do they read?
-- unit: visitors: addresses, not people
-- grain: one row a referrer and page
-- good: -
-- definition: As Visitors of docs and pricing; readers without crawlers, never seen calling in the same month. The referrer is a host: the rest of the link, with
--   whatever it says of a person, is never kept. A visitor counts once a month in each row, so rows do not add up, and a period counts a visitor once for each of
--   its months. Pages that differ in what is masked alone are one row, whose visitors are added. Months of the period count whole.
-- column referrer_host: the site that linked here; null for none
-- column referrer_kind: another site, our own pages, no referrer
-- column page: the page, as it may be shown
-- column visitors: visitors of the months, added
-- column views: pages read
-- column is_pricing: the price page
-- column is_signup: the sign-up page

with pages as (
    select page, shown_path(page) as shown
    from (select distinct page from visit where by_page)
)

select
    visit.referrer_host,
    visit.referrer_kind,
    pages.shown as page,
    cast(sum(visit.visitors) as bigint) as visitors,
    cast(sum(visit.views) as bigint) as views,
    bool_or(visit.is_pricing) as is_pricing,
    bool_or(visit.is_signup) as is_signup
from visit
join pages using (page)
where visit.by_referrer and visit.by_page and visit.agent = 'reader' and not visit.called
    and ($date_from is null or visit.month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or visit.month < cast($date_to as date))
    and ($search is null or contains(lower(coalesce(visit.referrer_host, '') || ' ' || pages.shown), lower($search)))
group by visit.referrer_host, visit.referrer_kind, pages.shown
order by visitors desc nulls last, views desc, pages.shown, visit.referrer_host nulls last
