-- One row per price. A month holds `months_of` ÷ `months_in` of its interval: a year is 1 ÷ 12, a week 52 ÷ 12, a day 365 ÷ 12.

select
    source,
    id,
    product_id,
    nickname,
    lower(currency) as currency,
    coalesce(try_cast(unit_amount_decimal as decimal(22, 12)), unit_amount) as unit_minor,
    lower(interval) as interval,
    case lower(interval) when 'week' then 52 when 'day' then 365 when 'month' then 1 when 'quarter' then 1 when 'year' then 1 end as months_of,
    greatest(coalesce(interval_count, 1), 1)
        * case lower(interval) when 'month' then 1 when 'quarter' then 3 when 'year' then 12 when 'week' then 12 when 'day' then 12 end
        as months_in,
    coalesce(lower(usage_type), 'licensed') = 'metered' as is_metered,
    lower(billing_scheme) as billing_scheme,
    greatest(package_size, 1) as package_size,
    coalesce(lower(package_round), 'up') as package_round,
    lower(tiers_mode) as tiers_mode,
    from_json(tiers, '[{"up_to": "BIGINT", "unit_amount": "VARCHAR", "unit_amount_decimal": "VARCHAR", "flat_amount": "VARCHAR",
        "flat_amount_decimal": "VARCHAR"}]') as tiers,
    lower(tax_behavior) = 'inclusive' as tax_inclusive
from raw_price
