"""Logs that are not on this machine: s3://… and cloudwatch:… among a source's paths.

What is new is fetched into the folder `spool/` of the home and read there like any file, under its remote name in the
ledger, and deleted once the ledger has it. Errors are told and the other paths go on. A run that is killed anywhere and runs
again ends with the same events: an object is fetched again and goes on where the ledger says; a stretch of CloudWatch that
is whole in the spool is read from there.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data_sources import aws
from data_sources.failures import Forbidden, Patience, SourceError
from data_sources.files import Shelf
from data_sources.program import Program, ProgramError
from data_sources.store import Store

SPOOL = "spool"
PATIENT = Patience()
_S3 = re.compile(r"s3://([^/*?\[\]]+)/(.*)")
_CLOUDWATCH = re.compile(r"cloudwatch:([A-Za-z0-9_/.#-]+)(?::([^:*]+))?")

Failed = Callable[[str, str], None]


@dataclass(frozen=True)
class Stamp:
    """What the ledger knows a remote log's version by, named as of a file: a number of its ETag, its bytes, its time."""

    st_ino: int
    st_size: int
    st_mtime_ns: int


@dataclass(frozen=True)
class Fetched:
    """A remote log in the spool, complete. `name` is what the ledger calls it; `done` must be called once it is recorded there.

    What `can_come_again` need not wait in the spool where it cannot be read.
    """

    path: Path
    name: str
    stamp: Stamp
    done: Callable[[], None]
    can_come_again: bool


@dataclass(frozen=True)
class Remote:
    """One remote path of a source, and where what is fetched of it waits. `now` is naive UTC."""

    program: Program
    source: Any
    pattern: str
    now: datetime
    patience: Patience = PATIENT

    @property
    def spool(self) -> Path:
        """The folder for what is fetched of the source."""
        return Path(self.program.home) / SPOOL / self.source.name

    @property
    def place(self) -> tuple[str, str]:
        """Bucket and key pattern, or log group and the beginning of its streams' names."""
        return ((_S3 if self.pattern.startswith("s3:") else _CLOUDWATCH).fullmatch(self.pattern)).groups(default="")

    @contextmanager
    def session(self, service: str) -> Iterator[aws.Session]:
        """A session with one of AWS's services, with the source's credentials. Raises SourceError."""
        try:
            secret = self.program.resolve(self.source.key) if self.source.key else ""
        except ProgramError as error:
            raise SourceError(str(error)) from None
        client, secrets = aws.client(service, self.source, self.source.endpoint, secret, self.patience)
        try:
            yield aws.Session(client, secrets)
        finally:
            client.close()


def is_remote(path: str) -> bool:
    """Whether a path of a source is not on this machine."""
    return path.startswith(("s3:", "cloudwatch:"))


def misspelt(path: str) -> str | None:
    """What is wrong with a remote path, if anything."""
    if is_remote(path) and not (_S3.fullmatch(path) or _CLOUDWATCH.fullmatch(path)):
        return f"'{path}': expected s3://bucket/prefix/*.gz, cloudwatch:GROUP or cloudwatch:GROUP:STREAM_PREFIX"
    return None


def fetch(
    store: Store, program: Program, source: Any, shelf: Shelf, now: datetime, failed: Failed
) -> Iterator[Fetched]:
    """What is new in a source's remote paths, one after another; each stays in the spool until its `done` is called.

    `failed(name, reason)` is told what could not be fetched; nothing is raised for it.
    """
    from data_sources import cloudwatch, s3

    for pattern in filter(is_remote, source.paths):
        of = s3 if pattern.startswith("s3:") else cloudwatch
        try:
            yield from of.fetch(Remote(program, source, pattern, now), store, shelf, failed)
        except SourceError as error:
            failed(pattern, reason(error))
        except OSError as error:
            failed(pattern, f"it cannot be laid into the spool: {error.strerror or error}")


def reason(error: SourceError) -> str:
    """An error in words for people, with the permission that is missing."""
    if isinstance(error, Forbidden) and error.permission:
        return f"missing permission {error.permission}: {error}"
    return str(error)
