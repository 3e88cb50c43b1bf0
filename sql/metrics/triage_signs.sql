-- metric: triage_signs
-- label: Signs of abuse
-- question: Does a free account look like one of many of the same person, or like a scraper?
-- unit: signs
-- grain: one row a free account and sign that it showed in its first days
-- good: down
-- definition: Three other accounts or more at one of its addresses, or in the same person's name; a disposable address; one key from ten addresses or more on a
--   day; a fifth of twenty calls or more over its limit. Offices and mobile networks share addresses and people share names: one sign accuses nobody, two are
--   a reason to look. Cards are not compared, as no source tells of them.
-- column account_id: the account
-- column window_day: the days that it rests on
-- column sign: address, name, disposable mail, many addresses, over the limit
-- column evidence: in words
-- column caution: what else it may be

select
    triage_sign.account_id,
    triage_sign.window_day,
    triage_sign.sign,
    triage_sign.evidence,
    case triage_sign.sign
        when 'address' then 'an office, a school or a mobile network also stands behind one address'
        when 'name' then 'names are common'
        when 'disposable mail' then 'some only protect themselves from mail'
        when 'many addresses' then 'a product on many machines does the same'
        else 'an honest loop without a pause does the same'
    end as caution
from triage_sign
join triage_result using (account_id, window_day)
where $account is null
    or triage_sign.account_id = coalesce((select account_id from account_alias where alias_id = $account limit 1), $account)
order by triage_sign.account_id, triage_sign.sign
