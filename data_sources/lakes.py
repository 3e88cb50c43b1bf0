"""Where the lake's files lie: a folder of this machine, or a bucket that answers like S3.

A file has a name relative to the lake ("usage_day/day=2026-11-24/….parquet"), is whole or not there, and never changes. It is
made aside in `writing`, on this machine, and then put under its name.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import Field

from data_sources import durable
from data_sources.kinds import Secret
from data_sources.sections import Section

if TYPE_CHECKING:
    from data_sources.program import Program

REQUESTS, REJECTED = "requests", "rejected"
WRITING = ".writing"


class LakeSection(Section):
    """[lake]: a bucket for request events and counts, s3://bucket/prefix, in place of the home's folder lake/.

    Credentials are those that the AWS tools find on this machine: `profile` names one of theirs, `key` is a secret instead,
    written ACCESS_KEY_ID:SECRET_ACCESS_KEY. `endpoint` is for services that answer like S3.
    """

    path: str = Field(pattern=r"^s3://[^/\s*?\[\]]+(/[^\s*?\[\]]*)?$")
    region: str | None = None
    profile: str | None = None
    key: Secret | None = None
    endpoint: str | None = Field(default=None, pattern=r"^https?://[^@\s]+$")


class LakeError(OSError):
    """The lake's files cannot be reached or used as they are; the message says where and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class MissingError(LakeError):
    """A file is not there, or its bucket."""


@dataclass(frozen=True)
class Stored:
    """What is known of a file without opening it: `modified` in seconds, to tell which of two is newer."""

    bytes: int
    modified: float


class Lake(Protocol):
    """The files of a lake. Several threads may use it at once. Whatever fails raises OSError."""

    here: Path

    def claim(self, home: str) -> None:
        """Say that the home of this name writes here. Raises LakeError where another one does, whose files would be removed."""

    def put(self, made: Mapping[str, Path], is_last: bool = False) -> None:
        """Give each finished file its name, in place of one that has it. `is_last`: what it was made from goes next, so that it must
        outlive a power cut."""

    def secure(self, names: Iterable[str]) -> None:
        """See to it that files outlive a power cut."""

    def stored(self, folders: Iterable[str]) -> dict[str, Stored]:
        """Every Parquet file in and below folders, by name."""

    def folders(self, folder: str) -> list[str]:
        """The names of the folders that are right in a folder, ordered."""

    def fetched(self, names: Sequence[str]) -> list[Path]:
        """Where files are on this machine, in the same order; they are fetched where they are not."""

    def lent(self, names: Sequence[str]) -> AbstractContextManager[list[Path]]:
        """As `fetched`, while it holds: for files that are read once."""

    def lent_if_there(self, names: Sequence[str]) -> AbstractContextManager[dict[str, Path]]:
        """The same of those that are there still, by name."""

    def rows(self, names: Iterable[str]) -> dict[str, int]:
        """How many rows files have, by their footers."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; one that is not there any more is none to remove."""

    def tidy(self, folders: Iterable[str]) -> None:
        """Remove folders that are empty."""

    def close(self) -> None:
        """Let go of its connections."""

    def url(self, place: Path) -> str:
        """What another engine's workers call a file or folder that is in `here`."""

    def share(self, made: Path) -> None:
        """Let other engines' workers see a file that was made aside."""

    def bring(self, folder: Path) -> None:
        """Have here what other engines' workers wrote into a folder aside."""

    def clear(self, place: Path) -> None:
        """Remove a file or folder that is aside, also what other engines' workers wrote there."""


def writing(lake: Lake) -> Path:
    """The folder in which files are made before they are put."""
    return lake.here / WRITING


def clear_here(place: Path) -> None:
    """Remove a file or folder of this machine, if it is there."""
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def open_lake(home: str | Path, program: "Program | None", is_quick: bool = False) -> Lake:
    """The lake of a home; the folder in it where the program names none, or cannot be read. `is_quick` gives up after seconds, for whoever waits
    before a page. Raises LakeError where its bucket cannot be used, ProgramError where its key is not there."""
    here = Path(home) / "lake"
    if program is None or program.lake is None:
        return FolderLake(here)
    from data_sources.bucket_lake import BucketLake

    return BucketLake.connect(here, program, is_quick)


class FolderLake:
    """See `Lake`. Other engines' workers see the folder under the same path."""

    def __init__(self, here: Path) -> None:
        self.here = here

    def claim(self, home: str) -> None:
        """See `Lake`: a home's own folder is nobody else's."""

    def put(self, made: Mapping[str, Path], is_last: bool = False) -> None:
        """See `Lake`."""
        for name, file in made.items():
            target = self.here / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if is_last:
                durable.move_in(file, target)
            else:
                os.replace(file, target)

    def secure(self, names: Iterable[str]) -> None:
        """See `Lake`."""
        for name in names:
            durable.sync(self.here / name)
            durable.sync((self.here / name).parent)

    def stored(self, folders: Iterable[str]) -> dict[str, Stored]:
        """See `Lake`."""
        found: dict[str, Stored] = {}
        for folder in folders:
            self._look(folder, found)
        return found

    def _look(self, folder: str, found: dict[str, Stored]) -> None:
        with suppress(FileNotFoundError), os.scandir(self.here / folder) as entries:
            for entry in entries:
                name = f"{folder}/{entry.name}"
                if entry.is_dir():
                    self._look(name, found)
                elif entry.name.endswith(".parquet"):
                    with suppress(FileNotFoundError):  # removed meanwhile
                        stat = entry.stat()
                        found[name] = Stored(stat.st_size, stat.st_mtime)

    def folders(self, folder: str) -> list[str]:
        """See `Lake`."""
        place = self.here / folder
        return sorted(entry.name for entry in os.scandir(place) if entry.is_dir()) if place.is_dir() else []

    def fetched(self, names: Sequence[str]) -> list[Path]:
        """See `Lake`."""
        return [self.here / name for name in names]

    @contextmanager
    def lent(self, names: Sequence[str]) -> Iterator[list[Path]]:
        """See `Lake`."""
        yield self.fetched(names)

    @contextmanager
    def lent_if_there(self, names: Sequence[str]) -> Iterator[dict[str, Path]]:
        """See `Lake`."""
        yield {name: self.here / name for name in names if (self.here / name).exists()}

    def rows(self, names: Iterable[str]) -> dict[str, int]:
        """See `Lake`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        found = {}
        for name in names:
            try:
                found[name] = pq.read_metadata(self.here / name).num_rows
            except pa.ArrowInvalid as error:
                raise LakeError(f"{self.here / name}: {error}") from error
        return found

    def remove(self, names: Iterable[str]) -> None:
        """See `Lake`."""
        for name in names:
            (self.here / name).unlink(missing_ok=True)

    def tidy(self, folders: Iterable[str]) -> None:
        """See `Lake`."""
        for folder in folders:
            with suppress(OSError):  # not empty
                (self.here / folder).rmdir()

    def close(self) -> None:
        """See `Lake`."""

    def url(self, place: Path) -> str:
        """See `Lake`."""
        return f"file://{place.resolve()}"

    def share(self, made: Path) -> None:
        """See `Lake`: it is where it was made."""

    def bring(self, folder: Path) -> None:
        """See `Lake`: it is where it was written."""

    def clear(self, place: Path) -> None:
        """See `Lake`."""
        clear_here(place)
