-- metric: scanner_noise
-- label: Left out as noise
-- question: What was asked for by scanners, crawlers and our own tests?
-- unit: calls
-- grain: one row a kind of noise
-- good: -
-- definition: Calls of the period that no route matched and that are no demand: their path is on a list of scanners.toml, or their user agent is
--   and no account is known; whoever asked behaves like a scanner (never answered, and at least 5 different paths on roots that are none of ours;
--   25 where it has a key); nobody whom we know asked, the path's root is none of ours, and none of its callers was ever answered; or a rule of
--   program.toml says that the caller is a test. Each call is counted under the first that holds.
-- column noise: the kind of noise, in words
-- column list: the name of the list or rule
-- column calls: calls
-- column callers: distinct addresses
-- column paths: distinct path templates
-- column accounts: accounts of which some came, who may want to know
-- column sample_path: one path of them, as it may be shown

select
    coalesce(
        program_scanner.label,
        case unmet_call.removed_by
            when 'behaviour' then 'Asked for many paths that are none of ours, never answered'
            when 'never_answered' then 'A path of another kind, asked for by nobody who was ever answered'
            when 'tests' then 'Monitors and tests of our own'
        end,
        unmet_call.removed_by
    ) as noise,
    unmet_call.removed_by as list,
    cast(sum(unmet_call.calls) as bigint) as calls,
    count(distinct coalesce(unmet_call.client_ip, unmet_call.caller_id)) as callers,
    count(distinct unmet_call.path_template) as paths,
    count(distinct unmet_call.account_id) as accounts,
    shown_path(arg_max(unmet_call.sample_path, unmet_call.calls)) as sample_path
from unmet_call
left join program_scanner on program_scanner.name = unmet_call.removed_by
where unmet_call.removed_by is not null
    and ($date_from is null or unmet_call.day >= cast($date_from as date))
    and ($date_to is null or unmet_call.day < cast($date_to as date))
group by noise, unmet_call.removed_by
order by calls desc, list
