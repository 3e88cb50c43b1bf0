"""Whatever lines a log holds: no crash, and accepted + rejected + blank = lines, always."""

import random
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from data_sources.ledger import LogChunk
from data_sources.program import load
from sql.engines import duckdb as engine
from sql.ingest import ingest
from sql.requests import formats
from tests.new_store import new_store
from tests.sql.requests.mutated import header, mutated, samples

NOW = datetime(2026, 6, 10, 6)


def read(folder: Path, form: str, content: bytes):
    """What an ingest makes of one file in a home of its own: its summary and the sums of the ledger."""
    (folder / "logs").mkdir()
    (folder / "logs" / "access.log").write_bytes(content)
    source = f'[[source]]\nname = "gateway"\nkind = "logs"\npaths = ["logs/*"]\nformat = "{form}"\n'
    (folder / "program.toml").write_text(f'[program]\nname = "Fuzz"\n{source}')
    store = new_store(folder)
    summary = ingest(store, load(folder), None, NOW)
    with store.session() as session:
        chunks = list(session.exec(select(LogChunk)))
    sums = [sum(getattr(chunk, name) for chunk in chunks) for name in ("lines", "accepted", "rejected", "blank")]
    store.engine.dispose()
    return summary, sums


def accounted(form: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        summary, (lines, accepted, rejected, blank) = read(Path(folder), form, content)
    assert summary.errors == []
    assert accepted + rejected + blank == lines
    assert lines >= content.count(b"\n")


@pytest.mark.parametrize("form", formats())
def test_mutated_lines_of_a_format_are_all_accounted_for(form):
    chance, good = random.Random(form), samples()[form]
    lines = [good if chance.random() < 0.4 else mutated(good, chance) for _ in range(400)]
    accounted(form, header(form) + b"".join(line + b"\n" for line in lines))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    form=st.sampled_from(sorted(formats())),
    lines=st.lists(st.binary(max_size=200).map(lambda line: line.replace(b"\n", b" ")), min_size=1, max_size=30),
)
def test_any_bytes_at_all_are_accounted_for(form, lines):
    accounted(form, header(form) + samples()[form] + b"\n" + b"".join(line + b"\n" for line in lines))


def test_a_number_beyond_all_measure_costs_the_value_and_a_time_the_line(tmp_path):
    took = (
        '198.51.100.7 - - [09/Jun/2026:12:00:01 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8" 99999999999999999999999.5\n'
    )
    summary, sums = read(tmp_path, "combined", took.encode())
    assert (summary.errors, sums) == ([], [1, 1, 0, 0])
    (event,) = lake(tmp_path)
    assert (event["occurred_at"], event["latency_ms"]) == (datetime(2026, 6, 9, 12, 0, 1), None)
    (tmp_path / "other").mkdir()
    long_ago = samples()["envoy"].replace(b"2026", b"0001") + b"\n"
    summary, sums = read(tmp_path / "other", "envoy", long_ago)
    assert (summary.errors, sums) == ([], [1, 0, 1, 0])


def lake(home: Path) -> list[dict]:
    """The request events of a home."""
    with engine.connect() as con:
        return con.execute(f"from {engine.parquet([home / 'lake/requests/*/*.parquet'])}").to_arrow_table().to_pylist()
