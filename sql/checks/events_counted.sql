-- check: events_counted
-- question: Are as many calls counted as lines were accepted, but for the second sidecar's lines of calls that are counted?
-- severity: error

with chunks as (
    select source, sum(accepted) as accepted
    from raw_log_chunk
    group by source
),

counts as (
    select source, sum(calls) as calls
    from usage_day
    group by source
),

echoes as (
    select source, sum(lines) as lines
    from echo_day
    group by source
)

select chunks.source, chunks.accepted, counts.calls, echoes.lines as echoes
from chunks
left join counts using (source)
left join echoes using (source)
where chunks.accepted <> coalesce(counts.calls, 0) + coalesce(echoes.lines, 0)
