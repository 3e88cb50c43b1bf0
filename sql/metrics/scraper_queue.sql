-- metric: scraper_queue
-- label: Callers that look like scrapers
-- question: Which callers read as a scraper reads, by which signs, and what have we said of them?
-- unit: callers
-- grain: one row an account, or key that is nobody's, which asks for a look or about which somebody has ever decided
-- good: -
-- definition: The scraper score is four parts, shown as parts, over the last days that [scraper_rules] names (usually 90): different addresses of one key in an
--   hour or a month, reads whose number is the next one, intervals as regular as a clock's, and the share of reads that go to endpoints which list a
--   collection. Each has an honest use too: an app on many phones, a nightly export, a timer. So a caller is only listed, from two
--   parts on, for a person to look at. Pages of a list are not seen, as no query string is kept. Anonymous calls have no key and are not judged.
-- column subject: the account, or caller: and the key
-- column status: to look at, dismissed or watched; a verdict asks again when another part stands out; null where all verdicts were undone and nothing asks
-- column parts: the parts that stand out: addresses, sequential, regular, lists
-- column parts_shown: how many of four
-- column peak_hour_addresses: the most different addresses of one key in an hour; null where the log names none
-- column month_addresses: the most in a calendar month
-- column sequential_share: of two reads of a route after each other, those whose numbers differ by one; null below the calls that it takes
-- column numbered_pairs: how many such pairs there were
-- column regular_share: of two intervals after each other, those that differ by a tenth at most; about 0.05 by chance
-- column gap_pairs: how many such pairs there were
-- column list_share: of reads, those of endpoints that list a collection
-- column reads: GET calls
-- column lists_used: different list endpoints called
-- column lists_known: how many there are
-- column writes: calls that write; scrapers rarely do
-- column throttled: calls refused for quota or rate
-- column bytes: what was sent to it, where the log says so
-- column verdict_id: the judgement that holds, by its number in the store

select
    scraper_review.subject,
    scraper_review.account_id,
    coalesce(account.name, 'a key of nobody we know') as name,
    coalesce(scraper_review.tier, account.tier) as tier,
    scraper_review.status,
    scraper_review.verdict_id,
    scraper_review.verdict,
    scraper_review.author,
    scraper_review.reason,
    scraper_review.decided_at,
    coalesce(scraper_review.asks, false) as asks,
    coalesce(scraper_review.parts, '') as parts,
    coalesce(scraper_review.parts_shown, 0) as parts_shown,
    scraper_review.peak_hour_addresses,
    scraper_review.month_addresses,
    scraper_review.sequential_share,
    scraper_review.numbered_pairs,
    scraper_review.regular_share,
    scraper_review.gap_pairs,
    scraper_review.list_share,
    scraper_review.reads,
    scraper_review.lists_used,
    scraper_review.lists_known,
    scraper_review.calls,
    scraper_review.writes,
    scraper_review.throttled,
    scraper_review.response_bytes as bytes,
    scraper_review.days,
    scraper_review.last_day,
    array_to_string(scraper_review.services, ', ') as services
from scraper_review
left join account using (account_id)
where ($tier is null or coalesce(scraper_review.tier, account.tier) = $tier)
    and ($service is null or list_contains(scraper_review.services, $service))
    and ($search is null or contains(lower(coalesce(account.name, '') || ' ' || scraper_review.subject), lower($search)))
order by parts_shown desc, calls desc nulls last, subject
