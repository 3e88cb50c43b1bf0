-- check: events_counted
-- question: Are as many calls counted as lines were accepted?
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
)

select chunks.source, chunks.accepted, counts.calls
from chunks
left join counts using (source)
where chunks.accepted <> coalesce(counts.calls, 0)
