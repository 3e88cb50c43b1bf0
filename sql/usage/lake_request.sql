-- base: lake_request
-- grain: one row a request event of the days that are counted
-- definition: The request events of the lake, and which of them tell of a call that is told already (is_echo). Both sidecars of an
--   Istio call log it under one request id: the caller's (outbound|…) and the server's (inbound|…). The caller's line is the
--   call: it is one however often it was tried, and it is there when the server was never reached. A server's line is its echo
--   where the same source has a caller's line of that day, request id, method and path; else it is a call of its own.
with called as (
    select distinct cast(occurred_at as date) as day, source, request_id, coalesce(method, '') as method, coalesce(path, '') as path
    from lake_event
    where starts_with(service, 'outbound|') and request_id is not null
)

select lake_event.*, called.request_id is not null as is_echo
from lake_event
left join called
    on called.request_id = case when starts_with(lake_event.service, 'inbound|') then lake_event.request_id end
    and called.day = cast(lake_event.occurred_at as date)
    and called.source = lake_event.source
    and called.method = coalesce(lake_event.method, '')
    and called.path = coalesce(lake_event.path, '')
