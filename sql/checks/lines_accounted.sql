-- check: lines_accounted
-- question: Is every line of every log accepted, rejected or blank?
-- severity: error

select source, path, start_offset, lines, accepted, rejected, blank
from raw_log_chunk
where lines <> accepted + rejected + blank
