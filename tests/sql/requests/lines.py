"""Log lines, written for these tests; and what the preview command makes of them."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sql.preview import main

STARTED_MS = 1_781_006_400_250  # 2026-06-09T12:00:00.250Z


@dataclass(frozen=True)
class Seen:
    """The preview of a file: its events, rejected lines and summary, its exit status and what it told a person."""

    events: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    summary: dict[str, Any]
    status: int
    message: str


def preview(path: Path, *options: str) -> Seen:
    """What `python -m sql preview FILE --json` prints, read again."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([str(path), "--json", *options])
    objects = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [key for o in objects for key in o if key == "summary"] == ["summary"], err.getvalue()
    return Seen(
        [o["event"] for o in objects if "event" in o],
        [o["rejected"] for o in objects if "rejected" in o],
        objects[-1]["summary"],
        status,
        err.getvalue(),
    )


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A record with changes laid over it, level by level; a change to None takes the key out."""
    result = dict(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


KONG = {
    "started_at": STARTED_MS,
    "client_ip": "198.51.100.23",
    "request": {
        "id": "5f0b3c7d9e1a4b6c8d2e0f1a2b3c4d5e",
        "method": "POST",
        "uri": "/v1/quotes/88213?carrier=all&api_key=sk_live_abcdef",
        "url": "https://api.harbor.example:8443/v1/quotes/88213?carrier=all",
        "size": 412,
        "querystring": {"carrier": "all"},
        "headers": {"host": "api.harbor.example", "user-agent": "harbor-go/3.1", "apikey": "sk_live_abcdef"},
    },
    "response": {"status": 201, "size": 1530, "headers": {"content-type": "application/json"}},
    "latencies": {"request": 43.5, "proxy": 40, "kong": 3},
    "route": {"id": "4c1d", "name": "quotes-write"},
    "service": {"id": "9b2e", "name": "quotes"},
    "consumer": {"id": "c-1", "username": "jo@acme.example", "custom_id": "app_7"},
    "authenticated_entity": {"id": "key-55"},
    "upstream_status": "201",
    "tries": [{"ip": "10.1.0.4", "port": 8080}],
}


def kong(**changes: Any) -> str:
    """A Kong log line: a successful call with changes."""
    return json.dumps(merged(KONG, changes), separators=(",", ":"))


AWS = {
    "requestId": "0f6f2c1e-7a31-4d0e-9c1e-2b7a4a1f9d10",
    "ip": "203.0.113.9",
    "caller": "-",
    "user": "-",
    "requestTime": "09/Jun/2026:14:00:00 +0200",
    "httpMethod": "GET",
    "resourcePath": "/parcels/{id}",
    "status": "200",
    "protocol": "HTTP/1.1",
    "responseLength": "518",
}


def aws(**changes: Any) -> str:
    """An AWS API Gateway line in the console's JSON template, with changes."""
    return json.dumps(merged(AWS, changes))


COMBINED_LINE = '198.51.100.7 - - [09/Jun/2026:12:00:01 +0000] "GET /docs HTTP/1.1" 200 51 "-" "curl/8"'


def write(folder: Path, *lines: str, name: str = "access.log", end: str = "\n") -> Path:
    """A file of these lines."""
    path = folder / name
    path.write_bytes("".join(line + end for line in lines).encode())
    return path
