"""Lines that Spark reads give the events that DuckDB gives, and the lines that it leaves are DuckDB's: for every format, bad lines included."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data_sources import program as programs
from data_sources.store import open_store
from sql.engines import duckdb as engine
from sql.engines.counters import EngineError
from sql.ingest import ingest
from sql.requests import formats
from tests.sql.engines.conftest import free_port
from tests.sql.requests import mutated

NOW = datetime(2026, 6, 20, 12)
LINES = 60
BAD = 0.12


def make(home: Path, names: list[str], address: str = "") -> Path:
    """A home with a log of each of these formats, one line in eight with something wrong; read on Spark where an address is given."""
    chance = random.Random(4)
    engine_of = f'engine = "spark"\nspark = "{address}"\n' if address else ""
    text = f'[program]\nname = "Lines"\n{engine_of}'
    for name in names:
        text += f'[[source]]\nname = "{name}"\nkind = "logs"\nformat = "{name}"\npaths = ["logs/{name}/*.log"]\n'
    home.mkdir(parents=True, exist_ok=True)
    (home / "program.toml").write_text(text)
    (home / "salt").write_bytes(b"s" * 32)
    for name in names:
        good = mutated.samples()[name]
        lines = [good, *(mutated.mutated(good, chance) if chance.random() < BAD else good for _ in range(LINES))]
        log = home / "logs" / name / "a.log"
        log.parent.mkdir(parents=True)
        log.write_bytes(mutated.header(name) + b"\n".join(lines) + b"\n")
        if "records" in formats()[name].wrappers:
            many = (good, good[:-1], mutated.mutated(good, chance))
            wrapped = [
                b'{"records": [' + b",".join([good] * 3 + [chance.choice(many)] * (n % 8 == 0)) + b"]}"
                for n in range(LINES)
            ]
            log.with_name("many.log").write_bytes(b"\n".join([*wrapped, b'{"records": []}']) + b"\n")
    return home


def read(home: Path) -> tuple[Any, dict[str, Counter]]:
    """What an ingest came to, and the rows of the lake's requests and rejected lines."""
    store = open_store(home)
    summary = ingest(store, programs.load(home), None, NOW)
    store.engine.dispose()
    return summary, {folder: rows(home / "lake" / folder) for folder in ("requests", "rejected")}


def rows(folder: Path) -> Counter:
    with engine.connect() as con:
        files = engine.parquet(folder.rglob("*.parquet"))
        return Counter(con.execute(f"select * exclude (chunk_id) from {files}").fetchall())


def types(home: Path) -> set[str]:
    """The columns and types of each file of the lake's requests."""
    with engine.connect() as con:
        files = (home / "lake" / "requests").rglob("*.parquet")
        return {str(con.execute(f"describe from {engine.parquet([file])}").fetchall()) for file in files}


def assert_alike(tmp_path: Path, names: list[str], address: str, accepted_beside: list[int]) -> None:
    there, here = make(tmp_path / "spark", names, address), make(tmp_path / "duckdb", names)
    expected, in_duckdb = read(here)
    assert accepted_beside == []
    found, in_spark = read(there)
    assert found == expected
    assert not found.errors
    assert found.rejected > len(names)
    for folder, of_folder in in_duckdb.items():
        assert not (in_spark[folder] - of_folder) | (of_folder - in_spark[folder])
    assert types(there) == types(here)
    # what is read twice is only what something is wrong with
    assert len(accepted_beside) == len(list((there / "logs").rglob("*.log")))
    assert max(accepted_beside) <= 3 * BAD * LINES


def test_every_format_is_read_on_sail_as_on_duckdb(tmp_path, sail, accepted_beside):
    assert_alike(tmp_path, list(formats()), sail, accepted_beside)


def going_on(line: bytes) -> list[bytes]:
    """The line with what belongs to no record, or spoils it."""
    mark = b'{"behind":"."}'
    behind = [b"]", b"}", b",", b" x", b' "x"', b" ", b"\r", b" \t", b",null", b",[]", b',"k":1', b', "k": "v" ']
    behind += [line, b"," + line, b',"k":' + line, b"],[" + line, b"," + mark, b"," + mark + b"],[" + line]
    return [line + more for more in behind] + [b"[" + line + b"]", b"[" + line, b'{"one":' + line, b" " + line]


def with_a_key_twice(line: bytes) -> list[bytes]:
    """The line with each key of its record a second time, or with one inside another object."""
    keys = [json.dumps(key).encode() for key in json.loads(line)]
    return [
        *(line[:-1] + b"," + key + b":" + value + b"}" for key in keys for value in (b'"x"', b"null", b"{}")),
        line[:-1] + b',"more":[{"a":1,"b":{},"a":2}]}',
    ]


def assert_odd_lines_alike(
    tmp_path: Path,
    odd: Callable[[bytes], list[bytes]],
    names: Iterable[str],
    address: str,
    accepted_beside: list[int],
) -> None:
    """What is made of a good line of each format is read alike; where one in six lines is odd, the others are read on Spark."""
    odd_lines = {name: odd(mutated.samples()[name]) for name in names}
    read_by = []
    for engine_name, engine_address in (("duckdb", ""), ("spark", address)):
        home = make(tmp_path / engine_name, list(odd_lines), engine_address)
        for name, lines in odd_lines.items():
            good = [mutated.samples()[name]] * 5 * len(lines)
            (home / "logs" / name / "a.log").write_bytes(b"\n".join(good + lines))
        read_by.append(read(home))
    assert read_by[0] == read_by[1]
    assert accepted_beside
    assert max(accepted_beside) <= max(map(len, odd_lines.values()))


def test_a_line_that_goes_on_behind_its_record_is_read_as_on_duckdb(tmp_path, sail, accepted_beside):
    names = [name for name, form in formats().items() if form.shape]
    assert_odd_lines_alike(tmp_path, going_on, names, sail, accepted_beside)


def test_a_key_that_is_there_twice_is_read_as_on_duckdb(tmp_path, sail, accepted_beside):
    names = [name for name, form in formats().items() if form.shape and not form.has_keys_once]
    assert_odd_lines_alike(tmp_path, with_a_key_twice, names, sail, accepted_beside)


def test_what_is_new_is_read_and_nothing_twice(tmp_path, sail):
    home = make(tmp_path, ["kong", "combined"], sail)
    first, _ = read(home)
    with (home / "logs" / "kong" / "a.log").open("ab") as log:
        log.write(mutated.samples()["kong"] + b"\n")
    again, in_lake = read(home)
    assert (again.lines, again.accepted) == (1, 1)
    assert in_lake["requests"].total() == first.accepted + 1


def test_a_log_of_the_program_s_own_is_read_as_on_duckdb(tmp_path, sail, accepted_beside):
    columns = 'occurred_at = "at"\nmethod = "verb"\npath = "target"\nstatus = "answer.code"\nlatency = "took"\n'
    line = '{"at": "2026-06-09T12:00:0%d+02:00", "verb": "GET", "target": "/v1/a/%d?k=1", "answer": {"code": 200}, "took": 12.5}\n'
    twice = (line % (1, 1)).replace('"code": 200', '"code": 200, "code": 500')
    read_by = []
    for name, address in (("duckdb", ""), ("spark", sail)):
        home = make(tmp_path / name, [], address)
        with (home / "program.toml").open("a") as program:
            program.write(
                '[[source]]\nname = "own"\nkind = "logs"\nformat = "json"\nlatency_unit = "ms"\npaths = ["own.log"]\n[source.columns]\n'
                + columns
            )
        (home / "own.log").write_text("".join(line % (n % 10, n) for n in range(20)) + twice + "{broken\n")
        read_by.append(read(home))
    assert read_by[0] == read_by[1]
    assert read_by[0][0].accepted == 21
    assert accepted_beside == [1]


def test_addresses_are_looked_up_as_on_duckdb(tmp_path, sail, accepted_beside):
    names = ["kong", "combined", "aws_api_gateway", "azure_apim", "apigee_csv", "otel"]
    read_by = []
    for name, address in (("duckdb", ""), ("spark", sail)):
        home = make(tmp_path / name, names, address)
        with (home / "program.toml").open("a") as program:
            networks = '["198.51.100.0/24", "203.0.113.0/25", "2001:db8::/32"]'
            program.write(f'[[party]]\nname = "Rival"\nkind = "competitor"\nnetworks = {networks}\n')
        read_by.append((*read(home), types(home)))
        with engine.connect() as con:
            files = engine.parquet((home / "lake" / "requests").rglob("*.parquet"))
            found = con.execute(f"select client_network, count(*) from {files} group by 1").fetchall()
            assert {name for name, _ in found} == {"Rival", None}
    assert read_by[0] == read_by[1]
    assert accepted_beside


def test_the_salt_is_in_no_statement(tmp_path, sail, monkeypatch):
    from pyspark.sql.connect.session import SparkSession

    said: list[str] = []
    sql = SparkSession.sql
    monkeypatch.setattr(SparkSession, "sql", lambda self, text, *given: said.append(text) or sql(self, text, *given))
    read(make(tmp_path, ["kong"], sail))
    assert said
    assert not [text for text in said if (b"s" * 32).hex() in text or (b"s" * 32).decode() in text]


def test_where_nobody_answers_nothing_is_read(tmp_path):
    home = make(tmp_path, ["kong"], f"sc://127.0.0.1:{free_port()}")
    with pytest.raises(EngineError, match="nobody answers there"):
        read(home)
    assert not (home / "lake" / "requests").exists()
    assert not [left for left in (home / "lake" / ".writing").iterdir() if left.suffix != ".lock"]
