"""Kong's JSON lines made in the database, as many a second as are read: `python -m tests.benchmarks.scale_lines FOLDER FIRST LINES`.

The fields are those of `ingest.py`. Calls come evenly over the days from 2026-04-01 on, by one of 20,000 keys each; line n is the
same in every run.
"""

import sys
from itertools import pairwise
from pathlib import Path

from sql.engines import duckdb as engine

KEYS = 20_000
DAYS = 90
REQUESTS = 100_000_000
A_DAY = -(-REQUESTS // DAYS)
FIRST_MS = 1_775_001_600_000
LINES_A_FILE = 250_000
BAD_LINE = "2026/06/09 12:00:00 [error] 7#7: *1 upstream timed out"
LINE = f"""
with drawn as (
    select n, hash(n) as h, cast({FIRST_MS} + n * 86400000 // {A_DAY} as varchar) as started
    from range($first, $until) as t(n)
),

called as (
    select
        *,
        h % {KEYS} as app,
        cast(1000000 + (h >> 20) % 999000000 as varchar) as id,
        (h >> 16) % 6 as place,
        (h >> 40) % 100 as chance,
        4 + (h >> 48) % 296 as took
    from drawn
),

written as (
    select
        *,
        case place when 0 then '/v1/rates' when 1 then '/v1/shipments/' || id when 2 then '/v1/tracking/' || id || '/events'
            when 3 then '/v1/labels' when 4 then '/v1/addresses/validate' else '/v2/quotes/' || id end as path,
        case when chance < 84 then '200' when chance < 92 then '201' when chance < 94 then '401' when chance < 97 then '404'
            when chance < 99 then '429' else '502' end as status,
        lpad(cast(app as varchar), 5, '0') as name
    from called
)

select case when n = $bad then '{BAD_LINE}' else concat(
    '{{"started_at":', started, ',"client_ip":"198.51.', app % 250, '.', app // 250,
    '","request":{{"id":"', md5(cast(n as varchar)), '","method":"', case when n % 2 = 0 then 'GET' else 'POST' end, '","uri":"', path,
    '?page=', n % 9, '","url":"https://api.example.com', path, '","size":', 100 + (h >> 8) % 800, ',"querystring":{{"page":"', n % 9,
    '"}},"headers":{{"host":"api.example.com","user-agent":"harbor-sdk/2.', app % 7, '","accept":"*/*"}}}},"response":{{"status":', status,
    ',"size":', 200 + (h >> 12) % 8800, ',"headers":{{"content-type":"application/json","x-ratelimit-remaining-minute":"', n % 60,
    '"}}}},"latencies":{{"kong":1,"proxy":', took, ',"request":', took + 2, '}},"route":{{"id":"0f1a4101","name":"r', place,
    '"}},"service":{{"id":"fb4eecf8","name":"shipping","host":"up.example"}},"consumer":{{"id":"000', name,
    '-1111","custom_id":"app_', name, '"}},"authenticated_entity":{{"id":"key-', name, '"}},"upstream_status":"', status,
    '","tries":[{{"ip":"10.0.0.', app % 9, '","port":80}}]}}'
) end as line
from written
"""


def write(folder: Path, first: int, lines: int) -> int:
    """Write lines `first` and following in files of about `LINES_A_FILE`, the last of each no record. Returns how many files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = max(1, round(lines / LINES_A_FILE))
    cuts = [first + lines * n // files for n in range(files + 1)]
    con = engine.connect()
    for start, until in pairwise(cuts):
        target = engine.quoted(str(folder / f"access-{start:010}.log"))
        options = "format csv, header false, quote '', escape '', delimiter '\x1f'"
        con.execute(f"copy ({LINE}) to {target} ({options})", {"first": start, "until": until, "bad": until - 1})
    return files


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
