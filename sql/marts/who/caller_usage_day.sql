-- materialise: view
-- One row per day, caller, environment and service: usage_day with the account behind the caller. The environment is what a rule of program.toml
-- says, else the log, else the credential or application.

select
    usage_day.* replace (coalesce(caller_environment.environment, usage_day.environment, caller_account.environment) as environment),
    caller_account.account_id
from usage_day
join caller_account using (caller_id)
left join caller_environment on caller_environment.caller_id = usage_day.caller_id
    and caller_environment.service = coalesce(usage_day.service, '')
