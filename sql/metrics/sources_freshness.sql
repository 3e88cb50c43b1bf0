-- metric: sources_freshness
-- label: Sources
-- question: Is it fresh and complete?
-- unit: rows
-- grain: one row a source
-- good: -
-- definition: What each source has brought into this snapshot. Lines = accepted + rejected + blank, always: no line of a log is lost
--   without a trace. For records, rejected counts those that did not fit.
-- column source: its name in program.toml
-- column kind: its kind in program.toml; logs or records where it is not listed there any more
-- column last_event_at: time of the newest event of a log; of records, when one last changed
-- column lines: lines of logs that were read
-- column accepted: of them, request events; where two sidecars log one call, it is counted as one of them
-- column rejected: lines or records that could not be read, kept with the reason
-- column blank: empty lines
-- column records: records in the store

with logs as (
    select source, max(last_at) as last_event_at, sum(lines) as lines, sum(accepted) as accepted, sum(rejected) as rejected, sum(blank) as blank
    from raw_log_chunk
    group by source
),

rejects as (
    select source, count(*) as rejected
    from raw_rejected_record
    group by source
),

records as (
    select source, max(last_changed_at) as last_changed_at, sum(records) as records
    from source_record
    group by source
)

select
    coalesce(program_source.name, logs.source, records.source, rejects.source) as source,
    coalesce(program_source.kind, case when logs.source is not null then 'logs' else 'records' end) as kind,
    coalesce(logs.last_event_at, records.last_changed_at) as last_event_at,
    cast(logs.lines as bigint) as lines,
    cast(logs.accepted as bigint) as accepted,
    cast(coalesce(logs.rejected, 0) + coalesce(rejects.rejected, 0) as bigint) as rejected,
    cast(logs.blank as bigint) as blank,
    cast(coalesce(records.records, 0) as bigint) as records
from program_source
full join logs on logs.source = program_source.name
full join records on records.source = coalesce(program_source.name, logs.source)
full join rejects on rejects.source = coalesce(program_source.name, logs.source, records.source)
order by program_source.position nulls last, source
