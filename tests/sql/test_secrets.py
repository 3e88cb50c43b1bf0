"""No secret of any log lands anywhere: planted in every place that gateways leave them, in whole lines, cut ones and bad ones."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from data_sources.program import load
from sql.engines import duckdb as engine
from sql.ingest import ingest
from sql.requests import formats
from tests.new_store import new_store
from tests.sql.requests.lines import preview
from tests.sql.requests.mutated import header
from tests.sql.requests.planted import lines, planted

NOW = datetime(2026, 6, 10, 6)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """A home that has read a file of every format, and the files beside it: good lines, cut lines, lines without a time."""
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "logs").mkdir()
    program = ['[program]\nname = "Secrets"\n']
    for name, good in lines().items():
        spoilt = [line[: len(line) * part // 8] for line in good for part in range(1, 8)]
        timeless = [line.replace("2026", "xxxx").replace("1781006400", "x").replace("178100640", "x") for line in good]
        content = header(name) + "".join(f"{line}\n" for line in [*good, *good, *spoilt, *timeless]).encode()
        (folder / "logs" / f"{name}.log").write_bytes(content)
        program.append(
            f'[[source]]\nname = "{name}"\nkind = "logs"\nformat = "{name}"\npaths = ["{folder}/logs/{name}.log"]\n'
        )
    home = folder / "home"
    home.mkdir()
    (home / "program.toml").write_text("\n".join(program))
    store = new_store(home)
    summary = ingest(store, load(home), None, NOW)
    store.engine.dispose()
    return home, folder / "logs", summary


def test_secrets_are_planted_in_every_format():
    assert set(lines()) == set(formats())
    assert all(planted(line) for every in lines().values() for line in every)


def test_every_format_read_its_good_lines_and_rejected_the_others(read):
    home, _, summary = read
    assert summary.errors == []
    with engine.connect() as con:
        events = dict(
            con.execute(
                f"select source, count(*) from {engine.parquet([home / 'lake/requests/**/*.parquet'])} group by 1"
            ).fetchall()
        )
        rejects = dict(
            con.execute(
                f"select source, count(*) from {engine.parquet([home / 'lake/rejected/*.parquet'])} group by 1"
            ).fetchall()
        )
    assert {name: events[name] >= 2 * len(good) for name, good in lines().items()} == dict.fromkeys(lines(), True)
    assert {name: rejects[name] >= len(good) for name, good in lines().items()} == dict.fromkeys(lines(), True)


def test_no_secret_is_anywhere_in_the_home(read):
    home, logs, _ = read
    found = {}
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        for word in planted(_text(path)):
            found.setdefault(word[:11], []).append(path.relative_to(home).as_posix().split("/day=")[0])
    assert {secret: (_where(logs, secret), places) for secret, places in found.items()} == {}


@pytest.mark.parametrize("name", formats())
def test_no_secret_is_shown_by_a_preview(read, name):
    _, logs, _ = read
    seen = preview(logs / f"{name}.log", "--format", name)
    shown = json.dumps([seen.events, seen.rejected, seen.message])
    assert planted(shown) == set()


def _text(path: Path) -> str:
    """All that a file holds; of Parquet, which is compressed, every value."""
    if path.suffix != ".parquet":
        return path.read_bytes().decode("latin-1")
    with engine.connect() as con:
        return str(con.execute(f"select * from {engine.parquet([path])}").fetchall())


def _where(logs: Path, secret: str) -> str:
    """The format and what stands before a secret that was found."""
    for path in logs.iterdir():
        text = path.read_text()
        if secret in text:
            at = text.index(secret)
            return f"{path.stem}: …{text[max(0, at - 40) : at]}"
    return "nowhere"
