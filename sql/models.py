"""The models of staging and marts: found by file name, put in the order of what they read, and built one after another.

A `.sql` model is one SELECT; its table (or view: `-- materialise: view`) has the file's name. A `.py` model has
`build(con, now)` and creates the table of its name (or those that its `CREATES` lists); `READS` may list what it reads,
else every model whose name occurs in its source counts as read. A `.py` without `build` is a helper, not a model.
"""

import importlib.util
import os
import re
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from sql.catalogue import ROOT, read_header

WORKERS = min(4, os.cpu_count() or 1)

TAKEN_APART = """
with tree as materialized (
    select text, json_serialize_sql(text) as tree from (select unnest($texts) as text)
)
select
    text,
    (tree->>'error')::boolean,
    json_extract_string(tree, '$..table_name'),
    json_extract_string(tree, '$..cte_map.map[*].key')
from tree
"""

_WORD = re.compile(r"[a-z_][a-z_0-9]*")
_tables_in: dict[str, frozenset[str] | None] = {}


class ModelError(RuntimeError):
    """A model that cannot be built; the message names its file and the reason."""


@dataclass(frozen=True)
class Model:
    """One file of staging or marts. `creates` are the tables (or the view) that it makes."""

    name: str
    path: Path
    text: str
    materialise: str
    creates: tuple[str, ...]

    @property
    def label(self) -> str:
        """The file as people know it: relative to `sql/`."""
        return "/".join(self.path.parts[-3:]) if self.path.parts[-3] == "marts" else "/".join(self.path.parts[-2:])


def find(root: Path = ROOT) -> list[Model]:
    """All models of `staging/` and `marts/`. Raises ModelError when two files make the same table."""
    paths = [p for folder in ("staging", "marts") for p in sorted((root / folder).rglob("*")) if _is_model(p)]
    models = [_read(path, root) for path in paths]
    makers: dict[str, Model] = {}
    for model in models:
        for table in model.creates:
            if table in makers:
                raise ModelError(f"{model.label} and {makers[table].label} both make the table {table}.")
            makers[table] = model
    return models


def build(
    con: Any, now: datetime, models: list[Model], each: Callable[[Model, int, int], None] = lambda model, n, of: None
) -> None:
    """Make every model's table in the database, a few at a time. Raises ModelError naming the file that failed.

    Each model runs on a cursor of its own, so it sees what is committed and no temporary table of `con`.
    """
    by_name = {model.name: model for model in models}
    sorter = _sorter(models, con)
    running: dict[Future, str] = {}
    started = 0
    with ThreadPoolExecutor(WORKERS, "model") as pool:
        while sorter.is_active():
            for name in sorter.get_ready():
                each(by_name[name], started, len(models))
                running[pool.submit(_build_one, con.cursor(), now, by_name[name])] = name
                started += 1
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                if error := done.exception():
                    pool.shutdown(cancel_futures=True)
                    raise error
                sorter.done(running.pop(done))


def between(models: list[Model], con: Any, changed: set[str], wanted: set[str]) -> list[Model]:
    """The models that read one of the `changed` tables, themselves or through others, and that the `wanted` ones rest on.

    They are in the order in which they are built; a wanted model itself is among them where it is touched.
    """
    graph = _graph(models, con)
    touched: set[str] = set()
    chosen = []
    for model in needed(models, con, wanted):
        if graph[model.name] & touched or _reads(model, changed, con):
            touched.add(model.name)
            chosen.append(model)
    return chosen


def needed(models: list[Model], con: Any, wanted: set[str]) -> list[Model]:
    """The models that make the wanted tables and all that they rest on, in the order in which they are built."""
    by_name = {model.name: model for model in models}
    graph = _graph(models, con)
    order = list(TopologicalSorter(graph).static_order())
    needed = {model.name for model in models if not wanted.isdisjoint(model.creates)}
    for name in reversed(order):
        if name in needed:
            needed |= graph[name]
    return [by_name[name] for name in order if name in needed]


def needed_by(wanted: set[str], models: list[Model], con: Any) -> list[Model]:
    """The wanted models and all that they rest on, in no particular order."""
    graph = _graph(models, con)
    needed, more = set(), set(wanted)
    while more:
        needed |= more
        more = {name for one in more for name in graph[one]} - needed
    return [model for model in models if model.name in needed]


def _sorter(models: list[Model], con: Any) -> TopologicalSorter:
    sorter = TopologicalSorter(_graph(models, con))
    try:
        sorter.prepare()
    except CycleError as error:
        raise ModelError(f"These models read each other in a circle: {' → '.join(error.args[1])}.") from None
    return sorter


def _graph(models: list[Model], con: Any) -> dict[str, set[str]]:
    """Each model with the names of those that it reads."""
    maker = {table: model for model in models for table in model.creates}
    _take_apart([model.text for model in models if model.materialise != "python"], con)
    return {
        model.name: {maker[table].name for table in _reads(model, set(maker), con) if maker[table] is not model}
        for model in models
    }


def statement(model: Model, temporary: bool = False) -> str:
    """The SQL text that makes a `.sql` model, for this connection alone where it is temporary."""
    what = f"temp {model.materialise}" if temporary else model.materialise
    return f'create or replace {what} "{model.name}" as\n{_select(model.text)}\n'


def _select(text: str) -> str:
    return text.strip().rstrip(";")


def _is_model(path: Path) -> bool:
    if path.suffix == ".py":
        return "\ndef build(" in path.read_text(encoding="utf-8")
    return path.suffix == ".sql"


def _read(path: Path, root: Path) -> Model:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        creates = re.search(r"^CREATES\s*=\s*\(([^)]*)\)", text, re.M)
        names = tuple(re.findall(r"[\"'](\w+)[\"']", creates.group(1))) if creates else (path.stem,)
        return Model(path.stem, path, text, "python", names)
    default = "view" if path.is_relative_to(root / "staging") else "table"
    kind = read_header(text).fields.get("materialise", default)
    if kind not in ("view", "table"):
        raise ModelError(f"{path.name}: `-- materialise: {kind}`; it can be view or table.")
    return Model(path.stem, path, text, kind, (path.stem,))


def _build_one(con: Any, now: datetime, model: Model) -> None:
    try:
        if model.materialise == "python":
            _module(model.path).build(con, now)
        else:
            con.execute(statement(model))
    except Exception as error:
        raise ModelError(f"{model.label}: {str(error).strip()}") from error
    finally:
        con.close()


def _module(path: Path) -> Any:
    if path.is_relative_to(ROOT):
        return importlib.import_module(".".join(("sql", *path.relative_to(ROOT).with_suffix("").parts)))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _reads(model: Model, known: set[str], con: Any) -> set[str]:
    if model.materialise != "python":
        names = tables_in(model.text, con)
        if names is not None:
            return set(names & known)
    reads = re.search(r"^READS\s*=\s*\(([^)]*)\)", model.text, re.M)
    words = re.findall(r"[\"'](\w+)[\"']", reads.group(1)) if reads else _WORD.findall(model.text)
    return set(words) & known


def tables_in(select: str, con: Any) -> frozenset[str] | None:
    """The tables that a SELECT reads, names of its own CTEs left out; None for one that DuckDB cannot take apart (PIVOT).

    They depend on the text alone, so each is taken apart once a process.
    """
    _take_apart([select], con)
    return _tables_in[_select(select)]


def _take_apart(selects: list[str], con: Any) -> None:
    """Keep the tables of each SELECT that is not known yet; many at once take little longer than one."""
    new = {_select(text) for text in selects} - _tables_in.keys()
    if new:
        for text, failed, tables, own in con.execute(TAKEN_APART, {"texts": sorted(new)}).fetchall():
            _tables_in[text] = None if failed else frozenset(tables) - frozenset(own)
