-- One row per subject of the scraper score that asks for a look, or about which a person has ever decided: its parts and the verdict that holds. A
-- verdict holds for the parts that stood out when it was made: where another one stands out now, the subject asks again. `status` is null
-- where nothing asks and every verdict was undone.

with said as (
    select raw_scraper_verdict.* exclude (subject), coalesce(account_alias.account_id, raw_scraper_verdict.subject) as subject
    from raw_scraper_verdict
    left join account_alias on account_alias.alias_id = raw_scraper_verdict.subject
),

held as (
    select *
    from said
    where undone_at is null
    qualify row_number() over (partition by subject order by decided_at desc, id desc) = 1
),

verdicts as (
    select subjects.subject, held.* exclude (subject)
    from (select distinct subject from said) as subjects
    left join held using (subject)
)

select
    coalesce(scraper_part.subject, verdicts.subject) as subject,
    scraper_part.* exclude (subject),
    verdicts.id as verdict_id,
    verdicts.verdict,
    verdicts.author,
    verdicts.reason,
    verdicts.decided_at,
    verdicts.parts as parts_then,
    case
        when verdicts.verdict is null then if(scraper_part.asks, 'to look at', null)
        when scraper_part.asks and not list_has_all(string_split(verdicts.parts, ','), string_split(scraper_part.parts, ','))
            then 'to look at'
        else verdicts.verdict
    end as status
from scraper_part
full join verdicts on verdicts.subject = scraper_part.subject
where scraper_part.asks or verdicts.subject is not null
