-- One row per account and number of days of triage_fact: its traits as the numbers that a model weighs. Each is 0 where there is nothing to see, so
-- that a weight says what the trait adds; triage_trait says what each means. Logarithms to base 2: twice as many adds as much again.

select
    account_id,
    window_day,
    entered_on,
    cast(domain is not null or company_named is not null as double) as company,
    cast(tier = 'open' and tier_is_dated as double) as open_tier,
    cast(verified > 0 as double) as verified,
    cast(disposable > 0 as double) as disposable_mail,
    least(log2(greatest(developers, 1)), 3) as developers,
    least(log2(greatest(applications, 1)), 3) as applications,
    cast(keys > 0 as double) as has_key,
    cast(ok > 0 as double) as succeeded,
    least(log2(1 + ok_days), 4) as success_days,
    cast(ok_days >= (select integrated_days from setting) as double) as lasting,
    least(log2(1 + routes), 3) as routes,
    cast(writes > 0 as double) as writes,
    4 * ((weekdays + 5) / (active_days + 7) - 5 / 7) as weekdays,
    least(log10(1 + calls / greatest(active_days, 1)), 4) as calls_a_day,
    2 * client_errors / (calls + 5) as errors,
    2 * refused_auth / (calls + 5) as auth_refused,
    cast(refused_quota > 0 as double) as over_limit,
    if(ok > 0, silent_days / window_day, 0) as silent,
    least(log2(1 + docs_read), 3) as docs_read,
    cast(pricing_read > 0 as double) as pricing_read,
    cast(talks > 0 as double) as talks,
    cast(tickets > 0 as double) as tickets
from triage_fact
