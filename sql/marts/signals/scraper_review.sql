-- One row per subject of the scraper score that asks for a look, or about which a person has decided: its parts and the verdict that holds. A
-- verdict holds for the parts that stood out when it was made: where another one stands out now, the subject asks again.

with verdicts as (
    select
        coalesce(account_alias.account_id, raw_scraper_verdict.subject) as subject,
        arg_max(raw_scraper_verdict.id, (decided_at, id)) as verdict_id,
        arg_max(verdict, (decided_at, id)) as verdict,
        arg_max(author, (decided_at, id)) as author,
        arg_max(reason, (decided_at, id)) as reason,
        arg_max(parts, (decided_at, id)) as parts,
        max(decided_at) as decided_at
    from raw_scraper_verdict
    left join account_alias on account_alias.alias_id = raw_scraper_verdict.subject
    where undone_at is null
    group by 1
)

select
    coalesce(scraper_part.subject, verdicts.subject) as subject,
    scraper_part.* exclude (subject),
    verdicts.verdict_id,
    verdicts.verdict,
    verdicts.author,
    verdicts.reason,
    verdicts.decided_at,
    verdicts.parts as parts_then,
    case
        when verdicts.verdict is null then 'to look at'
        when coalesce(scraper_part.asks, false) and not list_has_all(string_split(verdicts.parts, ','), string_split(scraper_part.parts, ','))
            then 'to look at'
        else verdicts.verdict
    end as status
from scraper_part
full join verdicts on verdicts.subject = scraper_part.subject
where scraper_part.asks or verdicts.subject is not null
