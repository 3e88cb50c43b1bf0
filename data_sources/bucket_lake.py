"""A lake in a bucket that answers like S3: an object appears whole or not at all, and is never written to again.

Counts are kept on this machine, too, as each build reads those that changed and each month those of its days. Request events and
rejected lines are fetched when they are read.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from data_sources import aws, durable
from data_sources.failures import Forbidden, NotFound, Patience, Refused, SourceError, Unreachable, VendorFailure
from data_sources.lakes import REJECTED, REQUESTS, WRITING, LakeError, MissingError, Stored, clear_here
from data_sources.remote import reason

if TYPE_CHECKING:
    from data_sources.program import Program

SIDE_BY_SIDE = 16
CONNECTIONS = 4 * SIDE_BY_SIDE  # several threads put and fetch at once
PATIENCE = Patience()
QUICK = Patience(attempts=2, connect=5.0, read=15.0)
ATTEMPTS = 5
PIECE_BYTES = 1 << 20
DELETED_AT_ONCE = 1000
FOOTER_BYTES = 64 << 10
OWNER = ".home"
READ_ONCE = (f"{REQUESTS}/", f"{REJECTED}/")
LIST, GET, PUT, DELETE = "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"


class BucketLake:
    """See `data_sources.lakes.Lake`. Other engines' workers reach the bucket with credentials of their own, as s3a://…"""

    def __init__(self, here: Path, session: aws.Session, bucket: str, prefix: str) -> None:
        self.here = here
        self._session = session
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    @classmethod
    def connect(cls, here: Path, program: "Program", is_quick: bool = False) -> "BucketLake":
        """The lake that the program names. Raises LakeError, and ProgramError where its key is not there."""
        section = program.lake
        secret = program.resolve(section.key) if section.key else ""
        place = urlsplit(section.path)
        try:
            client, secrets = aws.client(
                "s3", section, section.endpoint, secret, QUICK if is_quick else PATIENCE, CONNECTIONS, "standard"
            )
        except SourceError as error:
            raise LakeError(f"[lake] of program.toml: {error}") from None
        return cls(here, aws.Session(client, secrets), place.netloc, place.path.strip("/"))

    def claim(self, home: str) -> None:
        """See `Lake`."""
        owner = self._owner()
        if owner is None:
            asked = {"Bucket": self._bucket, "Key": self._key(OWNER), "Body": home.encode()}
            with self._saying("claim it for this home"):
                try:
                    self._session.call("put_object", PUT, **asked, IfNoneMatch="*")
                except Refused:
                    pass  # another one was faster, as is seen next
                except VendorFailure:  # it knows no conditions
                    self._session.call("put_object", PUT, **asked)
            owner = self._owner()
        if owner != home:
            raise LakeError(
                f"{self._shown()} is the lake of another home, whose files would be removed: each home needs a prefix of its own"
            )

    def put(self, made: Mapping[str, Path], is_last: bool = False) -> None:
        """See `Lake`."""
        self._each(lambda name: self._put(made[name], name), list(made))

    def _put(self, made: Path, name: str) -> None:
        self._upload(made, name)
        if name.startswith(READ_ONCE):
            made.unlink()
        else:
            (self.here / name).parent.mkdir(parents=True, exist_ok=True)
            durable.move_in(made, self.here / name)

    def secure(self, names: Iterable[str]) -> None:
        """See `Lake`: what the bucket has said to hold, it holds."""

    def stored(self, folders: Iterable[str]) -> dict[str, Stored]:
        """See `Lake`."""
        found: dict[str, Stored] = {}
        for objects in self._each(self._listed, [f"{folder}/" for folder in folders]):
            for item in objects:
                if item["Key"].endswith(".parquet"):
                    name = item["Key"].removeprefix(self._prefix)
                    found[name] = Stored(item["Size"], item["LastModified"].timestamp())
        return found

    def folders(self, folder: str) -> list[str]:
        """See `Lake`."""
        start = self._key(f"{folder}/")
        with self._saying(f"list {folder}"):
            prefixes = [
                each["Prefix"]
                for page in self._pages(Prefix=start, Delimiter="/")
                for each in page.get("CommonPrefixes", [])
            ]
        return sorted(prefix.removeprefix(start).rstrip("/") for prefix in prefixes)

    def fetched(self, names: Sequence[str]) -> list[Path]:
        """See `Lake`."""
        missing = [name for name in names if not (self.here / name).exists()]
        if missing:
            with self.lent(missing) as files:
                for name, file in zip(missing, files, strict=True):
                    (self.here / name).parent.mkdir(parents=True, exist_ok=True)
                    durable.move_in(file, self.here / name)
        return [self.here / name for name in names]

    @contextmanager
    def lent(self, names: Sequence[str]) -> Iterator[list[Path]]:
        """See `Lake`."""
        with self._room() as folder:
            self._each(lambda name: self._download(name, folder), names)
            yield [folder / name for name in names]

    @contextmanager
    def lent_if_there(self, names: Sequence[str]) -> Iterator[dict[str, Path]]:
        """See `Lake`."""
        with self._room() as folder:

            def is_there(name: str) -> bool:
                try:
                    self._download(name, folder)
                except MissingError:
                    return False
                return True

            there = self._each(is_there, names)
            yield {name: folder / name for name, is_there in zip(names, there, strict=True) if is_there}

    @contextmanager
    def _room(self) -> Iterator[Path]:
        """A folder for what is borrowed. What a run that was killed had borrowed goes with the next one's."""
        aside = self.here / WRITING
        aside.mkdir(parents=True, exist_ok=True)
        for left in aside.glob("lent-*"):
            if (held := _locked(left)) is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(held)
        while (held := _locked(folder := Path(tempfile.mkdtemp(prefix="lent-", dir=aside)))) is None:
            pass  # somebody took it for a killed one's
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)

    def rows(self, names: Iterable[str]) -> dict[str, int]:
        """See `Lake`."""
        names = list(names)
        return dict(zip(names, self._each(self._rows, names), strict=True))

    def remove(self, names: Iterable[str]) -> None:
        """See `Lake`."""
        names = list(names)
        for name in names:
            (self.here / name).unlink(missing_ok=True)
        self._delete(names)

    def _delete(self, names: Sequence[str]) -> None:
        for start in range(0, len(names), DELETED_AT_ONCE):
            some = names[start : start + DELETED_AT_ONCE]
            keys = [{"Key": self._key(name)} for name in some]
            with self._saying(f"remove {some[0]}"):
                done = self._session.call(
                    "delete_objects", DELETE, Bucket=self._bucket, Delete={"Objects": keys, "Quiet": True}
                )
            if errors := done.get("Errors"):
                said = f"{errors[0].get('Key')}: {errors[0].get('Code')}: {errors[0].get('Message')}"
                raise LakeError(f"{self._shown()}: {len(errors):,} files could not be removed ({DELETE}): {said}")

    def close(self) -> None:
        """See `Lake`."""
        self._session.client.close()

    def tidy(self, folders: Iterable[str]) -> None:
        """See `Lake`: a bucket has no folders, but counts that were kept here had."""
        for folder in folders:
            with suppress(OSError):  # not empty, or never here
                (self.here / folder).rmdir()

    def url(self, place: Path) -> str:
        """See `Lake`."""
        return f"s3a://{self._bucket}/{self._key(self._name(place))}"

    def share(self, made: Path) -> None:
        """See `Lake`."""
        self._upload(made, self._name(made))

    def bring(self, folder: Path) -> None:
        """See `Lake`."""
        names = [item["Key"].removeprefix(self._prefix) for item in self._listed(f"{self._name(folder)}/")]
        self._each(lambda name: self._download(name, self.here), [name for name in names if name.endswith(".parquet")])
        self._delete(names)

    def clear(self, place: Path) -> None:
        """See `Lake`."""
        clear_here(place)
        name = self._name(place)
        items = self._listed(name)
        whole = [item["Key"].removeprefix(self._prefix) for item in items]
        self._delete([each for each in whole if each == name or each.startswith(f"{name}/")])

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _name(self, place: Path) -> str:
        return place.relative_to(self.here).as_posix()

    def _shown(self, name: str = "") -> str:
        return f"s3://{self._bucket}/{self._key(name)}"

    def _owner(self) -> str | None:
        out = BytesIO()
        try:
            self._read(OWNER, out)
        except MissingError:
            return None
        return out.getvalue().decode(errors="replace")

    def _pages(self, **asked: Any) -> Iterator[dict[str, Any]]:
        with self._session.failing("list_objects_v2", LIST):
            yield from self._session.client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, **asked)

    def _listed(self, start: str) -> list[dict[str, Any]]:
        """The objects whose name begins so."""
        with self._saying(f"list {start}"):
            return [item for page in self._pages(Prefix=self._key(start)) for item in page.get("Contents", [])]

    def _upload(self, made: Path, name: str) -> None:
        # in one piece: pieces of an upload that was killed stay in the bucket, unseen and paid for
        with self._saying(f"write {name}"), made.open("rb") as body:
            self._session.call("put_object", PUT, Bucket=self._bucket, Key=self._key(name), Body=body)

    def _download(self, name: str, folder: Path) -> None:
        """Fetch a file into a folder that nobody else reads."""
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            self._read(name, out)

    def _read(self, name: str, out: BinaryIO, **asked: Any) -> None:
        """Write what is asked of an object; an answer that breaks off is asked for again."""
        with self._saying(f"read {name}"):
            for attempt in range(1, ATTEMPTS + 1):
                out.seek(0)
                out.truncate()
                answer = self._session.call("get_object", GET, Bucket=self._bucket, Key=self._key(name), **asked)
                try:
                    with self._session.failing("get_object", GET):
                        for piece in answer["Body"].iter_chunks(PIECE_BYTES):
                            out.write(piece)
                    return
                except Unreachable:
                    if attempt == ATTEMPTS:
                        raise

    def _rows(self, name: str) -> int:
        import pyarrow as pa
        import pyarrow.parquet as pq

        wanted = FOOTER_BYTES
        while True:
            out = BytesIO()
            self._read(name, out, Range=f"bytes=-{wanted}")
            end = out.getvalue()
            footer = int.from_bytes(end[-8:-4], "little") + 8
            if footer <= len(end) or len(end) < wanted:
                try:
                    return pq.read_metadata(pa.BufferReader(end)).num_rows
                except pa.ArrowInvalid as error:
                    raise LakeError(f"{self._shown(name)}: {error}") from error
            wanted = footer

    def _each(self, work: Any, given: Sequence[str]) -> list[Any]:
        """The work on each, several side by side, in order."""
        if len(given) < 2:
            return [work(one) for one in given]
        with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(given)), "bucket") as pool:
            return list(pool.map(work, given))

    @contextmanager
    def _saying(self, what: str) -> Iterator[None]:
        """A SourceError in the block as LakeError."""
        try:
            yield
        except NotFound as error:
            raise MissingError(f"{self._shown()}: {reason(error)} (could not {what})") from error
        except SourceError as error:
            hint = "" if isinstance(error, Forbidden) else f" (could not {what})"
            raise LakeError(f"{self._shown()}: {reason(error)}{hint}") from error


def _locked(folder: Path) -> int | None:
    """A lock on a folder, which goes with its descriptor or the process; None where somebody else has it or the folder is gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    if folder.exists():
        return descriptor
    os.close(descriptor)
    return None
