"""One small demo company for all of these tests, and its files as Python objects."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from data_sources import demo

AS_OF = "2026-06-30"


def open_log(path: Path):
    """A log file as text, whatever it is compressed with."""
    opener = {".gz": gzip.open, ".zst": zstandard.open}.get(path.suffix, open)
    return opener(path, "rt", encoding="utf-8")


@pytest.fixture(scope="session")
def company(tmp_path_factory) -> tuple[Path, demo.Written]:
    """A home with the demo company at 30,000 requests, and what `write` says about it."""
    home = tmp_path_factory.mktemp("demo") / "home"
    return home, demo.write(home, requests=30_000, seed=7, as_of=AS_OF)


@pytest.fixture(scope="session")
def home(company) -> Path:
    """The folder of the demo company."""
    return company[0]


@pytest.fixture(scope="session")
def kong_records(home) -> list[dict[str, Any]]:
    """Every Kong line that parses, in the order of the files."""

    def records() -> Iterator[dict[str, Any]]:
        for path in sorted((home / "logs" / "kong").iterdir()):
            with open_log(path) as file:
                for line in file:
                    try:
                        yield json.loads(line)
                    except json.JSONDecodeError:
                        continue

    return list(records())


@pytest.fixture(scope="session")
def vendor(home) -> Callable[[str], list[dict[str, Any]]]:
    """The objects of a vendor endpoint, as stripe/invoices."""

    def objects(name: str) -> list[dict[str, Any]]:
        lines = (home / "vendors" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line.split("\t", 2)[2]) for line in lines]

    return objects


@pytest.fixture(scope="session")
def truth(home) -> list[dict[str, Any]]:
    """The hidden truth about every account."""
    return [json.loads(line) for line in (home / ".truth" / "accounts.jsonl").read_text().splitlines()]
