"""The demo company as a whole: the same for the same seed, the same at every number of requests, and readable."""

import csv
import re
import zlib
from collections import Counter
from pathlib import Path

import pytest

from data_sources import demo, program
from tests.data_sources.demo.conftest import AS_OF, open_log


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> tuple[Path, list[tuple[str, float]]]:
    """A home with another company, and what was told while it was written."""
    home, told = tmp_path_factory.mktemp("other") / "home", []
    demo.write(home, requests=1_000, seed=8, as_of=AS_OF, progress=lambda what, share: told.append((what, share)))
    return home, told


def sums(home: Path, without: tuple[str, ...] = ()) -> dict[str, int]:
    """A check sum of every file of a home."""
    files = (path for path in sorted(home.rglob("*")) if path.is_file())
    named = ((str(path.relative_to(home)), path) for path in files)
    return {name: zlib.crc32(path.read_bytes()) for name, path in named if not name.startswith(without)}


def test_the_same_seed_and_day_write_the_same_bytes(home, tmp_path):
    demo.write(tmp_path / "again", requests=30_000, seed=7, as_of=AS_OF)
    assert sums(tmp_path / "again") == sums(home)


def test_only_the_logs_depend_on_the_number_of_requests(home, tmp_path):
    written = demo.write(tmp_path / "more", requests=60_000, seed=7, as_of=AS_OF)
    # the bill follows the traffic of the whole company, which is the same at every scale
    assert sums(tmp_path / "more", without=("logs/",)) == sums(home, without=("logs/",))
    assert sum(written.lines.values()) == pytest.approx(60_000, rel=0.02)


def test_another_seed_is_another_company(home, other):
    assert sums(other[0])["sheets/developers.csv"] != sums(home)["sheets/developers.csv"]


def test_the_program_loads_and_its_sources_are_there(home):
    loaded = program.load(home)
    assert str(loaded.program.as_of) == AS_OF
    assert {rule.tier for rule in loaded.tier_rule} == set(program.TIERS)
    for source in loaded.sources:
        for pattern in getattr(source, "paths", []) or [getattr(source, "path", "")]:
            if pattern:
                assert list(home.glob(pattern)), source.name
    assert loaded.resolve("secret:demo")


def test_without_a_day_the_program_follows_the_clock(tmp_path):
    demo.write(tmp_path / "home", requests=1_000)
    assert program.load(tmp_path / "home").program.as_of is None
    assert f"access-{program.now():%Y-%m-%d}" not in {path.name[:17] for path in tmp_path.rglob("*.log")}


def test_it_is_as_large_as_the_design_says(company, truth):
    _, written = company
    assert written.developers == 4000
    assert sum(account["is_organization"] for account in truth) == 1100
    tiers = Counter(account["tier"] for account in truth)
    assert (tiers["internal"], tiers["partner"]) == (6, 25)
    assert Counter(account["persona"] for account in truth)["enterprise"] == 30


def test_every_line_is_counted(company):
    home, written = company
    for gateway, lines in written.lines.items():
        found = 0
        for path in (home / "logs" / gateway).iterdir():
            with open_log(path) as file:
                found += sum(1 for _ in file)
        assert found == lines, gateway


def test_progress_rises_from_nothing_to_all(other):
    shares = [share for _, share in other[1]]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_the_sheets_name_each_other(home):
    def sheet(name: str) -> list[dict[str, str]]:
        with (home / "sheets" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    developers = {row["id"] for row in sheet("developers")}
    applications = sheet("applications")
    assert {row["developer_id"] for row in applications} <= developers
    assert {row["developer_ref"] for row in sheet("portal_events")} <= developers
    assert {row["organization_ref"] for row in sheet("contracts")} <= {row["id"] for row in sheet("organizations")}
    assert sum(bool(row["aws_api_key_id"]) for row in applications) > 50
    assert sum(float(row["BilledCost"]) for row in sheet("focus")) > 100_000


def test_the_token_is_in_the_secrets_only(home):
    text = (home / "program.toml").read_text()
    assert (home / "secrets" / "demo").read_text().strip() not in text
    assert re.search(r"secret:demo", text)
