-- One row per root of the API's own paths, in lower case: the first segment that is neither `api` nor a version, of paths that were answered.

select distinct path_root(usage_route_day.sample_path) as root
from usage_route_day
join caller using (caller_id)
where usage_route_day.ok > 0 and caller.surface = 'api' and usage_route_day.sample_path is not null
