-- metric: triage_quality
-- label: Triage quality
-- question: How well has it told them apart so far?
-- unit: shares
-- grain: one row a number of days
-- good: up
-- definition: On accounts that no model had seen: each with the probability that a model learned before its first days were over would have given it, and what
--   came of it in its 180 days. Models are learned at cuts 20 days apart, each from what was known at its cut. AUC is the chance that one who paid was ranked
--   above one who did not; Brier the mean squared error, beside that of the share that paid and of the shares with and without a company's domain (both known only
--   afterwards, so hard to beat); calibration error the mean distance, over tenths by probability, of what was said and what came; lift how many times the
--   share of all the likeliest tenth paid. Null below 10 who paid.
-- column window_day: days
-- column kind: learned, or prior where too few have paid
-- column version: the version that holds now
-- column learned_on: when it was learned
-- column conversions: who paid, of those it was learned from
-- column accounts: those
-- column entered_from: when the first of them began
-- column entered_to: when the last of them began
-- column tested: accounts that no model had seen
-- column tested_paid: of them, paid
-- column tested_from: the first cut
-- column auc: AUC
-- column brier: Brier score
-- column brier_base_rate: that of the share that paid, for everyone
-- column brier_company_domain: that of the shares with and without a company's domain
-- column calibration_error: mean distance over tenths
-- column lift: of the likeliest tenth

with tested as (
    select triage_held_out.*, cast(paid as integer) as outcome, fact.domain is not null as has_domain
    from triage_held_out
    join triage_fact as fact using (account_id, window_day)
),

ranked as (
    select
        *,
        rank() over (partition by window_day order by probability)
            + (count(*) over (partition by window_day, probability) - 1) / 2 as place,
        ntile(10) over (partition by window_day order by probability desc, account_id) as tenth,
        avg(outcome) over (partition by window_day) as rate,
        avg(outcome) over (partition by window_day, has_domain) as domain_rate
    from tested
),

tenths as (
    select window_day, tenth, count(*) as accounts, avg(outcome) as came, avg(probability) as said
    from ranked
    group by window_day, tenth
),

calibration as (
    select
        window_day,
        sum(accounts * abs(came - said)) / sum(accounts) as calibration_error,
        max(came) filter (where tenth = 1) as top
    from tenths
    group by window_day
),

measured as (
    select
        window_day,
        count(*) as tested,
        sum(outcome) as tested_paid,
        min(cut_on) as tested_from,
        (sum(place) filter (where outcome = 1) - sum(outcome) * (sum(outcome) + 1) / 2)
            / nullif(sum(outcome) * (count(*) - sum(outcome)), 0) as auc,
        avg((probability - outcome) * (probability - outcome)) as brier,
        avg((rate - outcome) * (rate - outcome)) as brier_base_rate,
        avg((domain_rate - outcome) * (domain_rate - outcome)) as brier_company_domain,
        avg(outcome) as rate
    from ranked
    group by window_day
)

select
    model.window_day,
    model.kind,
    model.version,
    model.learned_on,
    model.conversions,
    model.accounts,
    model.entered_from,
    model.entered_to,
    coalesce(measured.tested, 0) as tested,
    cast(coalesce(measured.tested_paid, 0) as bigint) as tested_paid,
    measured.tested_from,
    if(measured.tested_paid >= 10, measured.auc, null) as auc,
    if(measured.tested_paid >= 10, measured.brier, null) as brier,
    if(measured.tested_paid >= 10, measured.brier_base_rate, null) as brier_base_rate,
    if(measured.tested_paid >= 10, measured.brier_company_domain, null) as brier_company_domain,
    if(measured.tested_paid >= 10, calibration.calibration_error, null) as calibration_error,
    if(measured.tested_paid >= 10, calibration.top / measured.rate, null) as lift
from triage_model as model
left join measured using (window_day)
left join calibration using (window_day)
where model.is_current
order by model.window_day
