-- metric: scraper_verdicts
-- label: What was said about callers that look like scrapers
-- question: Which verdicts does this snapshot have, and about whom of today are they?
-- unit: rows
-- grain: one row a verdict, undone ones too
-- good: -
-- definition: Verdicts name the account as it was called when they were made; records that join or leave it since take them along.
-- column id: the verdict's number in the store
-- column subject: the account today, or the key
-- column decided_for: the subject as it was named when it was decided
-- column undone: whether it was undone

select
    raw_scraper_verdict.id,
    coalesce(account_alias.account_id, raw_scraper_verdict.subject) as subject,
    raw_scraper_verdict.subject as decided_for,
    raw_scraper_verdict.undone_at is not null as undone
from raw_scraper_verdict
left join account_alias on account_alias.alias_id = raw_scraper_verdict.subject
order by raw_scraper_verdict.id
