-- metric: triage_accounts
-- label: Free accounts, told apart
-- question: Which free accounts are likely to pay, and which only try?
-- unit: accounts and probabilities
-- grain: one row an account that is free today and has had three days; the likeliest to pay first
-- good: -
-- definition: Each by the latest of its first 3, 7, 14 and 30 days; nothing that came after is looked at. The probability is that of a first paid bill within
--   180 days of its beginning, as a model of earlier accounts gives it (see Triage quality). The chance now is what is left of it, as it has not paid since.
--   The class follows from probability and traits: abuse takes two signs; commercial and prototype are likely to pay, the one in lasting use, the other not
--   yet; exploring is somebody of a company, hobby one person; undetermined has not called. Accounts older than 180 days come last, without a chance.
-- column account_id: the account
-- column name: its name
-- column tier: its tier today
-- column class: commercial, prototype, exploring, hobby, abuse or undetermined
-- column probability: that it pays within 180 days, as it stood after those days
-- column chance_now: that it still does; 0 when its 180 days are over
-- column window_day: the days that the judgement rests on
-- column entered_on: the day on which it began
-- column age_days: days since
-- column is_over: whether its 180 days are over
-- column evidence: what weighs most, strongest first, with what each multiplies its odds by; signs of abuse first
-- column owner: who of ours looks after it
-- column version: the version of the model

with weighed as (
    select
        account_id,
        string_agg(
            evidence || ' (×' || if(exp(contribution) >= 9.95, cast(round(exp(contribution)) as integer) || '', printf('%.1f', exp(contribution))) || ')', ', '
            order by abs(contribution) desc, trait
        ) as evidence
    from (
        select *
        from triage_evidence
        where $account is null
            or account_id = coalesce((select account_id from account_alias where alias_id = $account limit 1), $account)
        qualify row_number() over (partition by account_id order by abs(contribution) desc, trait) <= 4
    )
    group by account_id
),

signs as (
    select account_id, window_day, string_agg(evidence, ', ' order by sign) as evidence
    from triage_sign
    group by account_id, window_day
)

select
    triage_result.account_id,
    account.name,
    triage_result.tier,
    triage_result.class,
    triage_result.probability,
    triage_result.chance_now,
    triage_result.window_day,
    triage_result.entered_on,
    triage_result.age_days,
    triage_result.is_over,
    concat_ws(', ', signs.evidence, weighed.evidence) as evidence,
    account.owner,
    triage_result.version
from triage_result
join account using (account_id)
left join weighed using (account_id)
left join signs on signs.account_id = triage_result.account_id and signs.window_day = triage_result.window_day
where ($tier is null or triage_result.tier = $tier)
    and ($account is null or triage_result.account_id = coalesce((select account_id from account_alias where alias_id = $account limit 1), $account))
    and ($triage_class is null or triage_result.class = $triage_class)
    and ($window_day is null or triage_result.window_day = cast($window_day as integer))
    and (
        $search is null
        or contains(lower(account.name), lower($search))
        or contains(lower(coalesce(account.domain, '')), lower($search))
        or exists (
            select 1
            from developer_account
            join developer using (node)
            where developer_account.account_id = triage_result.account_id and contains(developer.email, lower($search))
        )
    )
order by triage_result.is_over, triage_result.probability desc, triage_result.account_id
