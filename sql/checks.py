"""The checks: each `.sql` in `checks/` returns the rows that must not exist. `-- severity: error` fails a build."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import select

from data_sources.lakes import REJECTED, REQUESTS, Lake
from data_sources.ledger import LogChunk
from data_sources.store import Store
from sql.catalogue import ROOT, read_header, sql_files
from sql.engines import duckdb as engine

SAMPLE_ROWS = 5


@dataclass(frozen=True)
class CheckResult:
    """What a check found. `sample` holds its first bad rows as JSON; `error` says that it could not even run."""

    name: str
    question: str
    severity: str
    bad_rows: int
    sample: str
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Whether there is no bad row."""
        return self.bad_rows == 0 and self.error is None

    @property
    def fatal(self) -> bool:
        """Whether a build with this result must not be published."""
        return not self.passed and self.severity == "error"

    def __str__(self) -> str:
        return f"{self.name}: {self.error or f'{self.bad_rows} rows, for example {self.sample}'}"


def run(con: Any, root: Path = ROOT) -> list[CheckResult]:
    """Run every check on an open database; ordered by name."""
    return [_run(con, path) for path in sql_files("checks", root)]


def store_results(con: Any, results: list[CheckResult]) -> None:
    """Keep the results in the snapshot as `check_result`, one row a check."""
    con.execute(
        "create or replace table check_result"
        " (name varchar, question varchar, severity varchar, bad_rows bigint, sample varchar, error varchar)"
    )
    for r in results:
        con.execute(
            "insert into check_result values (?, ?, ?, ?, ?, ?)",
            [r.name, r.question, r.severity, r.bad_rows, r.sample, r.error],
        )


def _run(con: Any, path: Path) -> CheckResult:
    text = path.read_text(encoding="utf-8")
    fields = read_header(text).fields
    question, severity = fields.get("question", path.stem), fields.get("severity", "error")
    body = text.strip().rstrip(";")
    try:
        result = con.execute(body)
        columns = [column[0] for column in result.description]
        sample = [dict(zip(columns, row, strict=True)) for row in result.fetchmany(SAMPLE_ROWS)]
        bad_rows = len(sample)
        if bad_rows == SAMPLE_ROWS:
            bad_rows = con.execute(f"select count(*) from (\n{body}\n)").fetchone()[0]
    except engine.Error as error:
        return CheckResult(path.stem, question, severity, 0, "[]", str(error).strip())
    return CheckResult(path.stem, question, severity, bad_rows, json.dumps(sample, default=str))


def run_on_lake(lake: Lake, store: Store) -> list[CheckResult]:
    """Check lake and ledger against each other: every line of a chunk is in its files, but for days that were dropped, and every
    file is there. A refresh or compact may go on meanwhile."""
    while True:
        chunks = ledger_chunks(store)
        listed = {f for c in chunks for f in [*(c.files or ()), *([c.rejected_file] if c.rejected_file else ())]}
        missing = sorted(listed - lake.stored([REQUESTS, REJECTED]).keys())
        try:
            rows = _rows_of_chunks(lake, chunks, listed - set(missing))
        except (engine.Error, OSError):
            if _named_alike(chunks, ledger_chunks(store)):
                raise
            continue
        if not missing or _named_alike(chunks, ledger_chunks(store)):
            break
    unbalanced = [
        {"path": c.path, "lines": c.lines, "accepted": c.accepted, "rejected": c.rejected, "blank": c.blank}
        for c in chunks
        if c.lines != c.accepted + c.rejected + c.blank
    ]
    differing = []
    for c in chunks:
        accepted = sum(rows.get((file, c.id), 0) for file in c.files or ())
        rejected = rows.get((c.rejected_file, c.id), 0)
        is_whole = len(c.files or ()) == len(c.days or ())
        if (
            (is_whole and accepted != c.accepted)
            or accepted > c.accepted
            or (c.rejected_file and rejected != c.rejected)
        ):
            found = {"in_files": accepted, "rejected_in_files": rejected}
            differing.append({"path": c.path, "accepted": c.accepted, "rejected": c.rejected} | found)
    return [
        _result("ledger_lines", "Is every line that was read accepted, rejected or blank?", unbalanced),
        _result("lake_files", "Is every file that the ledger lists in the lake?", [{"file": f} for f in missing]),
        _result("lake_rows", "Does the lake hold each line that the ledger counts, but for dropped days?", differing),
    ]


def ledger_chunks(store: Store) -> list[LogChunk]:
    """Every chunk that the ledger has, by its id."""
    with store.session() as session:
        return list(session.exec(select(LogChunk).order_by(LogChunk.id)))


def _named_alike(chunks: list[LogChunk], others: list[LogChunk]) -> bool:
    names = ([(c.id, c.files, c.rejected_file) for c in those] for those in (chunks, others))
    return next(names) == next(names)


def _rows_of_chunks(lake: Lake, chunks: list[LogChunk], files: set[str]) -> dict[tuple[str | None, str], int]:
    """Rows by file and chunk. One chunk's own file is not opened beyond its footer."""
    of_file: dict[str, list[str]] = {}
    for c in chunks:
        for file in (*(c.files or ()), c.rejected_file):
            if file in files:
                of_file.setdefault(file, []).append(c.id)
    own = {file: ids[0] for file, ids in of_file.items() if len(ids) == 1}
    shared = sorted(of_file.keys() - own.keys())
    rows = {(file, own[file]): count for file, count in lake.rows(sorted(own)).items()}
    con = engine.connect()
    try:
        for file in shared:
            with lake.lent([file]) as paths:
                counted = f"select chunk_id, count(*) from {engine.parquet(paths)} group by chunk_id"
                rows.update(((file, chunk), count) for chunk, count in con.execute(counted).fetchall())
        return rows
    finally:
        con.close()


def _result(name: str, question: str, bad: list[dict[str, Any]]) -> CheckResult:
    return CheckResult(name, question, "error", len(bad), json.dumps(bad[:SAMPLE_ROWS], default=str))
