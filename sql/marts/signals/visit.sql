-- materialise: view
-- One row per row of the roll-up visit_month, with what the referrer is: our own pages (a domain of [program] internal_domains), none, or another
-- site; and whether the page is the price page or the sign-up.

select
    visit_month.*,
    case
        when referrer_host is null then 'no referrer'
        when exists (
            select 1 from program_internal_domain
            where visit_month.referrer_host = lower(program_internal_domain.domain)
                or ends_with(visit_month.referrer_host, '.' || lower(program_internal_domain.domain))
        ) then 'our own pages'
        else 'another site'
    end as referrer_kind,
    coalesce(regexp_matches(lower(page), 'pricing|price|/plans|tariff'), false) as is_pricing,
    coalesce(regexp_matches(lower(page), 'sign-?up|register|get-started'), false) as is_signup
from visit_month
