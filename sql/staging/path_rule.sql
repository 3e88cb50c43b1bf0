-- One row: what program.toml's [path_rules] sets, typed: when an account looks like an enterprise, and when it only explores.

select
    cast(coalesce(max(value) filter (where key = 'signals_needed'), '2') as integer) as signals_needed,
    cast(coalesce(max(value) filter (where key = 'enterprise_employees'), '1000') as integer) as enterprise_employees,
    cast(coalesce(max(value) filter (where key = 'enterprise_developers'), '3') as integer) as enterprise_developers,
    cast(coalesce(max(value) filter (where key = 'refused_on_days'), '3') as integer) as refused_on_days,
    cast(coalesce(max(value) filter (where key = 'volume_share'), '0.95') as double) as volume_share,
    cast(coalesce(max(value) filter (where key = 'explorer_calls'), '1000') as integer) as explorer_calls,
    cast(coalesce(max(value) filter (where key = 'waits_after_days'), '3') as integer) as waits_after_days,
    cast(coalesce(max(value) filter (where key = 'seen_within_days'), '90') as integer) as seen_within_days
from program_setting
