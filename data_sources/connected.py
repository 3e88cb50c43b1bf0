"""Connections to the record store: waited for while its database is away, and in plain words where it stays away or breaks off."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

WITHIN = 5.0  # seconds that a database may take to come back, as after a restart
PAUSE = 0.2
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}

Result = TypeVar("Result")


class StoreAway(RuntimeError):
    """The database of the record store did not answer, broke off or stayed locked; in words for people, without secrets.

    `is_unsure` where it broke while a transaction was being ended, so that nobody knows whether it holds; else nothing of
    it does.
    """

    def __init__(self, engine: Engine, error: Exception, is_unsure: bool = False) -> None:
        self.is_unsure = is_unsure
        cause = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
        kept = (
            "Whether what was being done was kept is not known: look before you do it again."
            if is_unsure
            else "Nothing of what was being done was kept; try it again."
        )
        super().__init__(f"The record store cannot be used now ({_place(engine)}): {cause[0].rstrip('.')}. {kept}")


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """A connection that answers. One that cannot be had is tried again for WITHIN seconds.

    Raises StoreAway where none comes, or where it breaks inside.
    """
    until = time.monotonic() + WITHIN
    while True:
        try:
            connection = engine.connect()
            break
        except (DBAPIError, PoolTimeout) as error:
            if not is_away(error):
                raise
            if time.monotonic() > until:
                raise StoreAway(engine, error) from error
            time.sleep(PAUSE)
    with broken_off(engine), connection:
        yield connection


@contextmanager
def broken_off(engine: Engine, at_its_end: bool = False) -> Iterator[None]:
    """Raises StoreAway where the database breaks off inside; `at_its_end` where a transaction is being ended inside."""
    try:
        yield
    except DBAPIError as error:
        if not is_away(error):
            raise
        raise StoreAway(engine, error, at_its_end and error.connection_invalidated) from error


def is_away(error: Exception) -> bool:
    """Whether an error is the database's state and not a fault of ours."""
    if isinstance(error, PoolTimeout):
        return True
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_AWAY
    return isinstance(error, (OperationalError, InterfaceError)) or getattr(error, "connection_invalidated", False)


def again(work: Callable[[], Result]) -> Result:
    """Do a transaction, and do it once more where its database broke off with nothing of it kept. Raises StoreAway."""
    try:
        return work()
    except StoreAway as error:
        if error.is_unsure:
            raise
    return work()


def _place(engine: Engine) -> str:
    url = engine.url
    if engine.dialect.name == "sqlite":
        return url.database.rsplit("/", 1)[-1]
    return f"{url.database} at {url.host or 'this machine'}{f':{url.port}' if url.port else ''}"
