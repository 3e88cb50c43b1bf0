"""Logs of a company's own: JSON and CSV whose columns program.toml names, with units; never recognised by themselves."""

import json

import pytest

from data_sources.check import check
from data_sources.program import load
from sql.preview import preview_file
from tests.sql.requests.lines import preview, write
from tests.sql.requests.test_sheets import put, sheet
from tests.sql.test_ingest import NOW, Home

KEY = "Zx81kQ7sT0vB4nM2"
PROGRAM = '[program]\nname = "Harbor"\n[[source]]\nname = "own"\nkind = "logs"\npaths = ["logs/*"]\n'
JSON_COLUMNS = """format = "json"
latency_unit = "us"
[source.columns]
occurred_at = "ts"
method = "http.verb"
path = "http.url"
status = "http.code"
latency = "took.all"
upstream_latency = "took.up"
request_bytes = "in"
response_bytes = "out"
request_id = "rid"
api_key = "auth.k"
consumer_ref = "who"
client_ip = "peer"
forwarded_for = "xff"
user_agent = "agent"
referrer = "from"
"""
CALL = {
    "ts": "2026-06-09T14:00:00.250+02:00",
    "http": {"verb": "get", "url": "/v1/quotes/7?token=abc", "code": 200},
    "took": {"all": 43500, "up": 40000},
    "in": 0,
    "out": "1530",
    "rid": "r-1",
    "auth": {"k": KEY},
    "who": "acme",
    "peer": "10.0.0.4",
    "xff": "198.51.100.23, 10.0.0.1",
    "agent": "harbor-go/3.1",
    "from": "https://docs.harbor.example/start?x=1",
    "unknown": {"deep": [1]},
}


def home_of(tmp_path, settings: str, *lines: str, end: str = "\n") -> Home:
    """A home whose one source says how its logs are written, with a log of these lines."""
    home = Home(tmp_path / "home", PROGRAM + settings)
    (home.path / "logs" / "own.log").write_text("".join(line + end for line in lines), newline="")
    return home


def events(home: Home) -> list[dict]:
    summary = home.ingest()
    assert summary.errors == []
    assert summary.lines == summary.accepted + summary.rejected + summary.blank
    return sorted(home.rows(), key=lambda event: event["line_no"])


def test_json_with_everything_that_can_be_named(tmp_path):
    home = home_of(tmp_path, JSON_COLUMNS, json.dumps(CALL))
    (event,) = events(home)
    expected = {
        "method": "GET",
        "path": "/v1/quotes/7",
        "path_template": "/v1/quotes/{id}",
        "status": 200,
        "latency_ms": 43.5,
        "upstream_latency_ms": 40,
        "request_bytes": 0,
        "response_bytes": 1530,
        "request_id": "r-1",
        "consumer_ref": "acme",
        "user_agent": "harbor-go/3.1",
        "referrer_host": "docs.harbor.example",
        "route": None,
        "source": "own",
    }
    assert {name: event[name] for name in expected} == expected
    assert event["occurred_at"].isoformat() == "2026-06-09T12:00:00.250000"
    assert event["credential_ref"].startswith("key:")
    assert KEY not in str(event)
    assert home.chunks()[0].format == "json"


def test_the_address_is_the_first_that_was_forwarded_else_the_peer(tmp_path):
    lines = [json.dumps(call) for call in (CALL, {**CALL, "xff": "-"}, {**CALL, "xff": None})]
    columns = ",".join(["occurred_at=ts", "client_ip=peer", "forwarded_for=xff"])
    seen = preview(write(tmp_path, *lines), "--format", "json", "--columns", columns)
    assert [event["client_ip"] for event in seen.events] == ["198.51.100.23", "10.0.0.4", "10.0.0.4"]


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("iso", "2026-06-09T12:00:00.250Z"),
        ("iso", "2026-06-09 06:30:00.250-05:30"),
        ("epoch_s", 1781006400.25),
        ("epoch_s", "1781006400.25"),
        ("epoch_ms", 1781006400250),
        ("clf", "09/Jun/2026:14:00:00 +0200"),
        ("clf", "[09/Jun/2026:14:00:00 +0200]"),
    ],
)
def test_times(tmp_path, time, said):
    seen = preview(
        write(tmp_path, json.dumps({"ts": said})), "--format", "json", "--columns", "occurred_at=ts", "--time", time
    )
    assert [event["occurred_at"][:19] for event in seen.events] == ["2026-06-09T12:00:00"]


def test_a_time_of_another_kind_is_rejected_and_not_guessed(tmp_path):
    seen = preview(
        write(tmp_path, '{"ts": 1781006400}', "{}", "[1]", "{"),
        "--format",
        "json",
        "--columns",
        "occurred_at=ts",
        "--time",
        "epoch_ms",
    )
    assert seen.events == []
    assert [reject["reason"] for reject in seen.rejected] == [
        "ts is no time as written for epoch_ms: 1781006400",
        "no ts, which is its time",
        "no ts, which is its time",
        "not a JSON object: cut short, interleaved or plain text",
    ]


@pytest.mark.parametrize(("unit", "milliseconds"), [("s", 2000), ("ms", 2), ("us", 0.002), ("ns", 0.000002)])
def test_units(tmp_path, unit, milliseconds):
    options = (
        "--format",
        "json",
        "--columns",
        "occurred_at=ts,latency=took,upstream_latency=up",
        "--latency-unit",
        unit,
    )
    lines = ({"ts": CALL["ts"], "took": 2, "up": -1}, {"ts": CALL["ts"], "took": "-", "up": "soon"})
    first, second = preview(write(tmp_path, *map(json.dumps, lines)), *options).events
    assert (first["latency_ms"], first["upstream_latency_ms"]) == (pytest.approx(milliseconds), None)
    assert (second["latency_ms"], second["upstream_latency_ms"]) == (None, None)


def test_a_key_may_hold_dots_or_lead_into_objects(tmp_path):
    lines = ({"ts": CALL["ts"], "http.code": 404}, {"ts": CALL["ts"], "http": {"code": 503}})
    seen = preview(
        write(tmp_path, *map(json.dumps, lines)), "--format", "json", "--columns", "occurred_at=ts,status=http.code"
    )
    assert [(event["status"], event["refusal"]) for event in seen.events] == [(404, "no_route"), (503, "upstream")]


def test_a_log_of_records_in_an_array(tmp_path):
    seen = preview(write(tmp_path, json.dumps([CALL, CALL])), "--format", "json", "--columns", "occurred_at=ts")
    assert (seen.summary["lines"], seen.summary["accepted"]) == (2, 2)


def test_no_key_is_kept_of_a_rejected_line(tmp_path):
    lines = [json.dumps({**CALL, "ts": "soon", "auth": {"k": key}}) for key in ("brief", 'a"b', KEY)]
    lines += [
        json.dumps({**CALL, "ts": KEY, "other": KEY}),
        json.dumps({**CALL, "auth": {"k": 12345}})[:-40].replace("200", "2"),
    ]
    home = home_of(tmp_path, JSON_COLUMNS, *lines)
    assert events(home) == []
    kept = str(home.rows("rejected"))
    for secret in (KEY, "brief", 'a"b', 'a\\"b', "12345"):
        assert secret not in kept
    assert "/v1/quotes/7" in kept


CSV_COLUMNS = """format = "csv"
time = "epoch_s"
latency_unit = "s"
[source.columns]
occurred_at = "When"
method = "Verb"
path = "Target Path"
status = "code"
latency = "Seconds"
api_key = "caller"
"""
HEADER = ["When", "Verb", "Target Path", "code", "Seconds", "caller", "note"]
ROW = ["1781006400.25", "PUT", "/v1/quotes/7?x=1", "429", "0.043", KEY, "a, b"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_by_its_header(tmp_path, delimiter):
    home = home_of(tmp_path, CSV_COLUMNS, sheet([HEADER, ROW, ROW], delimiter).decode(), end="")
    first, second = events(home)
    assert (first["method"], first["path"], first["status"], first["latency_ms"], first["refusal"]) == (
        "PUT", "/v1/quotes/7", 429, 43, "rate_limit")  # fmt: skip
    assert first["credential_ref"].startswith("key:")
    assert first["credential_ref"] == second["credential_ref"]
    assert KEY not in str(first)


def test_csv_without_a_header_by_positions(tmp_path):
    settings = 'format = "csv"\ntime = "epoch_s"\n[source.columns]\noccurred_at = 1\nstatus = 4\napi_key = 6\n'
    bad = ["soon", *ROW[1:5], "ab", "x"]
    home = home_of(tmp_path, settings, sheet([ROW, ROW, bad, ROW[:3]], ";").decode(), end="")
    assert [(event["line_no"], event["status"], event["method"]) for event in events(home)] == [
        (1, 429, None),
        (2, 429, None),
    ]
    rejects = home.rows("rejected")
    assert [reject["reason"] for reject in rejects] == [
        "cell 1 is no time as written for epoch_s: soon",
        "3 cells where a row has 7",
    ]
    assert ";ab;" not in rejects[0]["text"]


def test_a_column_that_is_named_and_not_there_is_an_error_of_the_file(tmp_path):
    home = home_of(tmp_path, CSV_COLUMNS, "When,Verb,path,code", "1781006400,GET,/,200")
    (error,) = home.ingest().errors
    assert error.reason == "not read as csv: its header line lacks Target Path, Seconds, caller"
    home = home_of(tmp_path / "two", 'format = "csv"\n[source.columns]\noccurred_at = 9\n', "a,b,c")
    (error,) = home.ingest().errors
    assert error.reason == "not read as csv: its first line has 3 cells, fewer than the positions that are named"


@pytest.mark.parametrize(
    "name", ["'", "x' from record", 'a"b', "--", "c1); drop table careful; --", "%s", "{fields}", "r.line"]
)
def test_names_are_names_and_no_sql(tmp_path, name):
    settings = f'format = "csv"\n[source.columns]\noccurred_at = "When"\nconsumer_ref = {json.dumps(name + "n")}\n'
    home = home_of(
        tmp_path, settings, sheet([["When", name + "n"], [CALL["ts"], "acme"], ["soon", "acme"]]).decode(), end=""
    )
    assert [event["consumer_ref"] for event in events(home)] == ["acme"]
    settings = f'format = "csv"\n[source.columns]\noccurred_at = {json.dumps(name + "n")}\n'
    home = home_of(
        tmp_path / "time", settings, sheet([[name + "n", "x"], [CALL["ts"], "y"], ["soon", "z"]]).decode(), end=""
    )
    assert len(events(home)) == 1
    assert home.rows("rejected")[0]["reason"].endswith("n is no time as written for iso: soon")


@pytest.mark.parametrize(
    "name", ["a;b", "a)b", "--", "%s", "{fields}", "ünï", "a\\b", "select", "line", "$x", "a-b.c/d"]
)
def test_keys_are_keys_and_no_sql(tmp_path, name):
    settings = f'format = "json"\n[source.columns]\noccurred_at = "ts"\nconsumer_ref = {json.dumps(name)}\napi_key = {json.dumps("k" + name)}\n'
    flat = {"ts": CALL["ts"], name: "acme", "k" + name: KEY}
    home = home_of(tmp_path, settings, json.dumps(flat), json.dumps({**flat, "ts": "soon", "k" + name: "ab"}))
    (event,) = events(home)
    assert (event["consumer_ref"], event["credential_ref"][:4]) == ("acme", "key:")
    assert '"ab"' not in home.rows("rejected")[0]["text"]


def test_such_a_log_is_never_recognised_by_itself(tmp_path):
    assert preview(write(tmp_path, json.dumps(CALL))).summary["format"] is None
    assert preview(put(tmp_path, sheet([HEADER, ROW]))).summary["format"] is None


def test_preview_reads_as_a_source_does(tmp_path):
    home = home_of(tmp_path, JSON_COLUMNS, json.dumps(CALL))
    log = home.path / "logs" / "own.log"
    seen = preview(log, "--source", "own", "--home", str(home.path))
    assert (seen.summary["accepted"], seen.events[0]["latency_ms"]) == (1, 43.5)
    (finding,) = check(load(home.path), load(home.path).sources[0], NOW).findings
    assert finding.preview.endswith("--source own")
    assert preview_file(finding.newest, format=finding.format).accepted == 1


def test_preview_says_what_is_wrong_with_its_options(tmp_path, capsys):
    from sql.preview import main

    path = str(write(tmp_path, "{}"))
    for options, said in (
        (["--format", "json"], "say its columns"),
        (["--format", "json", "--columns", "ocurred_at=ts"], "occurred_at"),
        (["--format", "json", "--columns", "occurred_at=ts,latency=x"], "latency_unit is missing"),
        (["--format", "csv", "--columns", "occurred_at=1,method=verb"], "or all by their position"),
        (
            ["--source", "nobody", "--home", str(home_of(tmp_path, JSON_COLUMNS).path)],
            "no source of log files named nobody",
        ),
    ):
        assert main([path, *options]) == 2
        assert said in capsys.readouterr().err


def test_a_source_that_names_its_columns_no_longer_is_read_on_as_before_or_says_so(tmp_path):
    home = home_of(tmp_path, JSON_COLUMNS, json.dumps(CALL))
    assert len(events(home)) == 1
    (home.path / "program.toml").write_text(PROGRAM)
    with (home.path / "logs" / "own.log").open("a") as file:
        file.write(json.dumps(CALL) + "\n")
    (error,) = home.ingest().errors
    assert "no log format reads it" in error.reason
