"""What pages ask of the current snapshot. Every answer is cached under the snapshot's name, so a new build is a new cache."""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data_sources import program
from sql import catalogue, query, snapshot

STALE_HOURS = 36


def home() -> Path:
    """The folder that holds the program, its store and its snapshots."""
    return program.default_home()


_of_run: ContextVar[list[Any] | None] = ContextVar("of_run", default=None)


def current() -> Any | None:
    """The published snapshot, or None where nothing was built yet. Inside `one_snapshot` always the one that was found first."""
    held = _of_run.get()
    if held:
        return held[0]
    found = snapshot.current(home())
    if held is not None and found is not None:
        held.append(found)
    return found


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All that is read inside comes from one snapshot, though another is published meanwhile."""
    before = _of_run.set([])
    try:
        yield
    finally:
        _of_run.reset(before)


def read(metric: str, **params: Any) -> pd.DataFrame:
    """The rows of a metric, from the current snapshot. Parameters that are None are left out."""
    now = current()
    asked = tuple(sorted((key, value) for key, value in params.items() if value is not None and value != ""))
    return _read(now.name, metric, asked, now)


@st.cache_data(max_entries=1000, show_spinner=False)
def _read(name: str, metric: str, params: tuple, _snapshot: Any) -> pd.DataFrame:
    return query.run(_snapshot, metric, **dict(params))


@st.cache_resource(max_entries=8, show_spinner=False)
def _program(path: str, changed_at: float) -> Any:
    return program.load(path)


def the_program() -> Any | None:
    """program.toml of the home, read again when it changed; None where it is missing or cannot be read. Read only."""
    file = home() / "program.toml"
    if not program.exists(home()):
        return None
    try:
        return _program(str(home()), file.stat().st_mtime)
    except program.ProgramError:
        return None


def currency() -> str:
    """The reporting currency, in lower case."""
    found = the_program()
    return found.program.currency.lower() if found else "usd"


def program_name() -> str:
    """The program's own name."""
    found = the_program()
    return found.program.name if found else "API program"


def stages(tier: str) -> list[str]:
    """The stages that a tier uses, in order."""
    found = the_program()
    return list(found.stages[tier].steps) if found else list(program.DEFAULT_STAGES[tier])


def hours_old() -> float:
    """How many hours ago the data of the snapshot end."""
    return max(0.0, (program.now() - current().as_of) / timedelta(hours=1))


def metrics() -> dict[str, Any]:
    """The catalogue of metrics by name."""
    return catalogue.metrics()


def module(name: str) -> Any:
    """A module that only one page's action needs, imported when the action is taken."""
    return importlib.import_module(name)


def listed(value: Any) -> list[Any]:
    """A JSON list of a result's cell as a list."""
    if isinstance(value, list):
        return value
    return json.loads(value) if isinstance(value, str) and value.startswith("[") else []
