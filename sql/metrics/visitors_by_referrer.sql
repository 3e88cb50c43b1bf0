-- metric: visitors_by_referrer
-- label: Visitors who never called, by referrer
-- question: Which sites send those who read and were never seen calling?
-- unit: visitors: addresses, not people
-- grain: one row a referrer
-- good: -
-- definition: As Visitors who never called, by referrer and page, over all pages.
-- column referrer_host: the site that linked here; null for none
-- column referrer_kind: another site, our own pages, no referrer
-- column visitors: visitors of the months, added
-- column views: pages read

select
    visit.referrer_host,
    visit.referrer_kind,
    cast(sum(visit.visitors) as bigint) as visitors,
    cast(sum(visit.views) as bigint) as views
from visit
where visit.by_referrer and not visit.by_page and visit.agent = 'reader' and not visit.called
    and ($date_from is null or visit.month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or visit.month < cast($date_to as date))
group by visit.referrer_host, visit.referrer_kind
order by visitors desc, views desc, visit.referrer_host nulls last
