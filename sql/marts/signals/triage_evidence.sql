-- One row per account of triage_result and trait that moved its log-odds by a tenth or more: how far, against the average account, and in words.

with moved as (
    select
        triage_value.account_id,
        triage_value.window_day,
        triage_value.trait,
        triage_value.value,
        triage_weight.weight * (triage_value.value - triage_weight.mean) as contribution
    from triage_value
    join triage_result using (account_id, window_day)
    join triage_weight on triage_weight.window_day = triage_value.window_day and triage_weight.trait = triage_value.trait
    where triage_weight.is_current
)

select
    moved.account_id,
    moved.window_day,
    moved.trait,
    moved.value,
    moved.contribution,
    case moved.trait
        when 'company' then coalesce('company domain ' || fact.domain, 'names a company: ' || fact.company_named, 'no word of a company')
        when 'open_tier' then case when moved.value > 0 then 'in the open tier' when fact.tier = 'open' then 'in the open tier, since when is not known' else 'not in the open tier' end
        when 'verified' then if(moved.value > 0, 'address verified', 'address not verified')
        when 'disposable_mail' then if(moved.value > 0, 'disposable address', 'no disposable address')
        when 'developers' then case when fact.developers = 1 then 'one developer' when fact.developers = 0 then 'no developer known' else fact.developers || ' developers' end
        when 'applications' then if(fact.applications = 1, 'one application', fact.applications || ' applications')
        when 'has_key' then if(moved.value > 0, 'has a key', 'no key yet')
        when 'succeeded' then if(moved.value > 0, 'calls succeed', 'no successful call')
        when 'success_days' then case when fact.ok_days = 1 then 'successful on one day' else 'successful on ' || fact.ok_days || ' days' end
        when 'lasting' then if(moved.value > 0, 'in lasting use', 'not in lasting use')
        when 'routes' then case when fact.routes = 1 then 'one route in use' else fact.routes || ' routes in use' end
        when 'writes' then if(moved.value > 0, 'writes: ' || fact.writes || ' of ' || fact.ok || ' successful calls', 'writes nothing')
        when 'weekdays' then if(fact.active_days = 0, 'no day in use', 'on weekdays ' || fact.weekdays || ' of ' || fact.active_days || ' days in use')
        when 'calls_a_day' then cast(round(fact.calls / greatest(fact.active_days, 1)) as integer) || ' calls on a day in use'
        when 'errors' then if(fact.calls = 0, 'no failed calls', cast(round(100 * fact.client_errors / fact.calls) as integer) || ' % of calls answered with 4xx')
        when 'auth_refused' then if(fact.calls = 0, 'none refused for credentials', cast(round(100 * fact.refused_auth / fact.calls) as integer) || ' % refused for credentials')
        when 'over_limit' then if(moved.value > 0, fact.refused_quota || ' calls over its limit', 'never over its limit')
        when 'silent' then case when fact.ok = 0 then 'never succeeded' when fact.silent_days = 0 then 'called on the last of these days' else 'silent for the last ' || fact.silent_days || if(fact.silent_days = 1, ' day', ' days') end
        when 'docs_read' then case when fact.docs_read = 0 then 'read no docs' when fact.docs_read = 1 then 'read the docs once' else 'read the docs ' || fact.docs_read || ' times' end
        when 'pricing_read' then if(moved.value > 0, 'read the price page', 'never on the price page')
        when 'talks' then if(moved.value > 0, 'talks of price, terms or a contract', 'no word of price or terms')
        when 'tickets' then if(moved.value > 0, 'asked support ' || fact.tickets || if(fact.tickets = 1, ' question', ' questions'), 'asked support nothing')
    end as evidence
from moved
join triage_fact as fact using (account_id, window_day)
where abs(moved.contribution) >= 0.1
