"""The database behind records, judgements and ledger: SQLite in the home by default, PostgreSQL by URL."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    MetaData,
    String,
    Table,
    and_,
    delete,
    event,
    func,
    or_,
    type_coerce,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session, SQLModel, create_engine, select

from data_sources import migrations
from data_sources.connected import again, broken_off, connected
from data_sources.judgements import JUDGEMENT_TABLES, Judgement
from data_sources.learned import TriageModel
from data_sources.ledger import RecordVersion
from data_sources.records import RECORD_TABLES, Record

BATCH_ROWS = 20_000
SALT_BYTES = 32
ANSWERS_WITHIN = 5
BUSY_FOR = 60  # seconds that a writer waits for another one's transaction on SQLite


class Overtaken(RuntimeError):
    """Somebody decided meanwhile: nothing was kept of what rests on an older state."""


class Store:
    """One home's records, judgements and ledger. Safe to share between threads; every call is its own transaction."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self.engine = engine
        self.home = home
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for ledger and judgement rows; committed when the block ends, rolled back when it raises.

        Raises StoreAway where the database does not answer or breaks off; everything here does.
        """
        with connected(self.engine) as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            with broken_off(self.engine, at_its_end=True):
                session.commit()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with connected(self.engine) as connection:
            yield connection
            with broken_off(self.engine, at_its_end=True):
                connection.commit()

    def upsert(self, model: type[Record], rows: Iterable[dict[str, Any]], now: datetime) -> int:
        """Insert or update records by (source, id) and return how many differ from what was there.

        A row is a mapping of the model's columns without `synced_at`; a column left out becomes null (or its default).
        An unchanged record keeps its `synced_at`, so an upsert of the same rows again changes nothing.
        """
        defaults = {
            column.name: column.default.arg if column.default is not None else None
            for column in model.__table__.columns
        }
        defaults["synced_at"] = now
        rows = list(rows)

        def work() -> int:
            changed = 0
            with self._transaction() as connection:
                for batch in _batches(rows):
                    last = {(row["source"], row["id"]): defaults | row for row in batch}
                    changed += self._upsert_batch(connection, model, list(last.values()))
                self._moved(connection, model, changed)
            return changed

        return again(work)

    def _upsert_batch(self, connection: Connection, model: type[Record], rows: list[dict[str, Any]]) -> int:
        insert = self._insert(model.__table__)
        if self.engine.dialect.name == "sqlite":
            statement = self._or_update(model, insert).compile(dialect=self.engine.dialect)
            values = _sqlite_values(model.__table__.columns, rows)
            return connection.exec_driver_sql(str(statement), values).rowcount
        # PostgreSQL's driver sends many rows in one statement and then does not count those that changed.
        incoming = Table(
            f"incoming_{uuid4().hex}",
            MetaData(),
            *(Column(column.name, column.type) for column in model.__table__.columns),
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DROP",
        )
        incoming.create(connection)
        connection.execute(incoming.insert(), rows)
        names = [column.name for column in incoming.columns]
        statement = self._or_update(model, insert.from_select(names, select(*incoming.columns)))
        return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount

    def _or_update(self, model: type[Record], insert: Any) -> Any:
        table = model.__table__
        content = [c.name for c in table.columns if not c.primary_key and c.name != "synced_at"]
        return insert.on_conflict_do_update(
            index_elements=["source", "id"],
            set_={name: insert.excluded[name] for name in [*content, "synced_at"]},
            where=or_(*(_comparable(table.c[n]).is_distinct_from(_comparable(insert.excluded[n])) for n in content)),
        )

    def delete(self, model: type[Record], source: str, ids: Iterable[str]) -> int:
        """Remove records of a source by id and return how many there were."""
        table = model.__table__
        removed = 0
        with self._transaction() as connection:
            for batch in _batches(ids, 500):
                mine = and_(table.c.source == source, table.c.id.in_(batch))
                removed += connection.execute(delete(table).where(mine)).rowcount
            self._moved(connection, model, removed)
        return removed

    def keep_only(self, model: type[Record], source: str, ids: set[str]) -> int:
        """Remove the records of a source whose id is not among `ids`: a sheet is the whole truth of its source."""
        return self.delete(model, source, sorted(self.ids(model, source) - ids))

    def ids(self, model: type[Record], source: str) -> set[str]:
        """The ids of a source's records."""
        with self.session() as session:
            return set(session.exec(select(model.id).where(model.source == source)).all())

    def _moved(self, connection: Connection, model: type[SQLModel], changed: int) -> None:
        if not changed:
            return
        insert = self._insert(RecordVersion.__table__).values(table_name=model.__tablename__, version=1)
        bump = insert.on_conflict_do_update(
            index_elements=["table_name"], set_={"version": RecordVersion.__table__.c.version + 1}
        )
        connection.execute(bump)

    def judge(self, judgement: Judgement) -> Judgement:
        """Store a person's decision (new, or undone by setting `undone_at`) so that the next build sees it."""

        def work() -> Judgement:
            with self.session() as session:
                kept = session.merge(judgement)
                session.flush()
                self._moved(session.connection(), type(kept), 1)
            return kept

        return again(work)

    def judge_all(self, judgements: list[Judgement], seen: Mapping[str, int] | None = None) -> list[int]:
        """Store decisions that were made together: all of them or, where one fails, none. Returns their numbers in order.

        With `seen`, the record versions that they were made by, raises Overtaken where one of these tables has moved since.
        """
        models = sorted({type(one) for one in judgements}, key=lambda model: model.__tablename__)

        def work() -> list[int]:
            with self.session() as session:
                for model in models:  # first, and always in this order: whoever comes second waits here, and then sees
                    self._moved(session.connection(), model, 1)
                if seen is not None:
                    self._unmoved(session, models, seen)
                kept = [type(one)(**one.model_dump(exclude={"id"})) for one in judgements]
                session.add_all(kept)
                session.flush()
                return [one.id for one in kept]

        return again(work)

    def _unmoved(self, session: Session, models: list[type[Judgement]], seen: Mapping[str, int]) -> None:
        """Raises Overtaken unless the tables of these models were at `seen` before this transaction moved them by one."""
        names = [model.__tablename__ for model in models]
        found = session.exec(select(RecordVersion).where(RecordVersion.table_name.in_(names))).all()
        moved = sorted(one.table_name for one in found if one.version != seen.get(one.table_name, 0) + 1)
        if moved:
            raise Overtaken(f"{', '.join(moved)}: somebody decided since this was seen")

    def undo(self, model: type[Judgement], ids: Iterable[int], now: datetime) -> int:
        """Date the end of decisions that hold, and return how many did."""
        table, ids = model.__table__, list(ids)

        def work() -> int:
            undone = 0
            with self._transaction() as connection:
                for batch in _batches(ids, 500):
                    held = and_(table.c.id.in_(batch), table.c.undone_at.is_(None))
                    undone += connection.execute(update(table).where(held).values(undone_at=now)).rowcount
                self._moved(connection, model, undone)
            return undone

        return again(work)

    def keep_models(self, models: list[TriageModel]) -> int:
        """Keep versions of models that are not kept yet, and return how many those were. One that is kept never changes."""
        with self.session() as session:
            new = [one for one in models if session.get(TriageModel, (one.version, one.window_day)) is None]
            session.add_all(new)
            return len(new)

    @contextmanager
    def durable(self) -> Iterator[Connection]:
        """A transaction that outlives a power cut once it is committed. SQLite's write-ahead log alone may lose the last ones."""
        is_sqlite = self.engine.dialect.name == "sqlite"
        with connected(self.engine) as connection:
            if is_sqlite:
                connection.exec_driver_sql("PRAGMA synchronous = FULL")
                connection.commit()
            try:
                yield connection
                with broken_off(self.engine, at_its_end=True):
                    connection.commit()
            finally:
                if is_sqlite:
                    connection.rollback()
                    connection.exec_driver_sql("PRAGMA synchronous = NORMAL")
                    connection.commit()

    def records_version(self, table: str) -> int:
        """A number that moves whenever a row of a record or judgement table changes; 0 for a table never written."""
        return self.records_versions().get(table, 0)

    def records_versions(self) -> dict[str, int]:
        """All record versions by table name."""
        asked = select(RecordVersion.table_name, RecordVersion.version)
        with connected(self.engine) as connection:
            return dict(connection.execute(asked).all())

    def arrow(self, table: str) -> pa.Table:
        """A record, judgement or ledger table as Arrow: JSON as text, times as naive microseconds. Ordered by its key."""
        columns = SQLModel.metadata.tables[table].columns
        as_text = self.engine.dialect.name == "sqlite"
        chosen = [_readable(column, as_text).label(column.name) for column in columns]
        keys = [column for column in columns if column.primary_key]
        with connected(self.engine) as connection:
            result = connection.execution_options(yield_per=BATCH_ROWS).execute(select(*chosen).order_by(*keys))
            batches = [_arrow_batch(rows, columns) for rows in result.partitions()]
        return pa.Table.from_batches(batches, schema=_arrow_schema(columns))


def open_store(home: str | Path) -> Store:
    """Open (or make) the store of a home and bring its tables to the current version.

    `DATABASE_URL` names a PostgreSQL database (postgresql+psycopg://…); without it the store is `store.db` in the home.
    Raises StoreAway where the database does not answer.
    """
    home = Path(home)
    home.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("DATABASE_URL", "").replace("postgresql://", "postgresql+psycopg://")
    engine = _postgres_engine(url) if url else _sqlite_engine(home / "store.db")
    with connected(engine):  # waited for here, where it is away
        pass
    with broken_off(engine):
        migrations.upgrade(engine)
    return Store(engine, home)


def salt(home: str | Path) -> bytes:
    """The home's 32 secret bytes for keyed hashes; made on first use, readable by its owner only."""
    path = Path(home) / "salt"
    if not path.exists():
        aside = path.with_name(f".salt-{uuid4().hex}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SALT_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole and never replaces: of two processes at once, both read the first one's.
        with suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    return path.read_bytes()


def keyed_hash(home: str | Path, value: str) -> str:
    """What the engine's macro `keyed_hash` makes of a value in this home: 32 hexadecimal digits."""
    return hashlib.sha256((salt(home).hex() + value).encode()).hexdigest()[:32]


def _postgres_engine(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": ANSWERS_WITHIN})


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_FOR, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _batches(rows: Iterable[Any], size: int = BATCH_ROWS) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _sqlite_values(columns: Any, rows: list[dict[str, Any]]) -> list[tuple]:
    """Rows as SQLite stores them, a column at a time: SQLAlchemy's own way takes twice as long for a million rows."""
    values = []
    for column in columns:
        name, kind = column.name, column.type
        if isinstance(kind, JSON):
            values.append([None if row[name] is None else json.dumps(row[name]) for row in rows])
        elif isinstance(kind, DateTime):
            values.append([None if row[name] is None else row[name].isoformat(" ", "microseconds") for row in rows])
        else:
            values.append([row[name] for row in rows])
    return list(zip(*values, strict=True))


def _comparable(column: Any) -> Any:
    """PostgreSQL's json type has no equality; its text has."""
    return sql_cast(column, String) if isinstance(column.type, JSON) else column


def _readable(column: Any, as_text: bool) -> Any:
    if isinstance(column.type, JSON):
        return type_coerce(column, String) if as_text else sql_cast(column, String)
    if isinstance(column.type, DateTime) and as_text:
        return func.strftime("%Y-%m-%d %H:%M:%f", column, type_=String)
    return column


def _arrow_schema(columns: Any) -> pa.Schema:
    return pa.schema([(column.name, _arrow_type(column)) for column in columns])


def _arrow_type(column: Any) -> pa.DataType:
    if isinstance(column.type, JSON):
        return pa.string()
    if isinstance(column.type, DateTime):
        return pa.timestamp("us")
    kinds = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), date: pa.date32()}
    return kinds.get(column.type.python_type, pa.string())


def _arrow_batch(rows: Any, columns: Any) -> pa.RecordBatch:
    arrays = []
    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
        kind = _arrow_type(column)
        texts = pa.types.is_timestamp(kind) and any(isinstance(value, str) for value in values)
        arrays.append(pa.array(values, pa.string()).cast(kind) if texts else pa.array(values, kind))
    return pa.RecordBatch.from_arrays(arrays, schema=_arrow_schema(columns))


TABLES = {**RECORD_TABLES, **JUDGEMENT_TABLES}
