"""The ledger: what was read when. Runs, cursors, log files and their chunks, and the records that did not fit."""

from pydantic import NaiveDatetime
from sqlmodel import Field, SQLModel

from data_sources.records import big_field, json_field


class Run(SQLModel, table=True):
    """One refresh, sync, ingest, build or compact. `status` is running, ok, partial or failed."""

    id: str = Field(primary_key=True)
    kind: str
    started_at: NaiveDatetime
    finished_at: NaiveDatetime | None = None
    status: str = "running"
    message: str | None = None
    snapshot: str | None = None


class StreamRun(SQLModel, table=True):
    """What one stream of one source brought in one run. `status` is running, ok or failed."""

    __tablename__ = "stream_run"
    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(index=True)
    source: str
    stream: str
    started_at: NaiveDatetime
    finished_at: NaiveDatetime | None = None
    status: str = "running"
    records: int = 0
    changed: int = 0
    rejected: int = 0
    error: str | None = None


class Cursor(SQLModel, table=True):
    """How far a stream was read; stored only after what it covers."""

    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    value: str
    updated_at: NaiveDatetime


class DigestItem(SQLModel, table=True):
    """What was last said on a channel (mail, webhook), so that it is not said again every morning."""

    __tablename__ = "digest_item"
    channel: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    sent_at: NaiveDatetime


class RecordVersion(SQLModel, table=True):
    """Moves when a row of a record or judgement table changes, so that a build reads again only what changed."""

    __tablename__ = "record_version"
    table_name: str = Field(primary_key=True)
    version: int = 0


class LogFile(SQLModel, table=True):
    """A log file by content: `head_fingerprint` covers its first `head_bytes` plain bytes, so a rename or compression keeps it.

    `read_offset` counts plain (decompressed) bytes up to the end of the last whole line that was read.
    """

    __tablename__ = "log_file"
    id: str = Field(primary_key=True)
    source: str = Field(index=True)
    path: str
    head_fingerprint: str
    head_bytes: int
    inode: int | None = big_field()
    size: int | None = big_field()
    modified_ns: int | None = big_field()
    compression: str | None = None
    encoding: str | None = None
    format: str | None = None
    read_offset: int = big_field()
    lines_read: int = big_field()
    first_seen_at: NaiveDatetime
    last_read_at: NaiveDatetime | None = None
    error: str | None = None


class LogChunk(SQLModel, table=True):
    """A stretch of a log file that was read whole: accepted + rejected + blank = lines.

    `files` lists the Parquet files that hold its events, relative to the lake, which it may share with other chunks; only files
    named here are ever read. `days` lists all its UTC days: one without a file was dropped (`retention_days`), and so was
    `rejected_file` where it is null though lines were rejected.
    """

    __tablename__ = "log_chunk"
    id: str = Field(primary_key=True)
    file_id: str = Field(foreign_key="log_file.id", index=True)
    source: str
    path: str
    format: str | None = None
    start_offset: int = big_field()
    end_offset: int = big_field()
    first_line_no: int = big_field()
    lines: int
    accepted: int
    rejected: int
    blank: int
    days: list[str] | None = json_field()
    files: list[str] | None = json_field()
    rejected_file: str | None = None
    first_at: NaiveDatetime | None = None
    last_at: NaiveDatetime | None = None
    read_at: NaiveDatetime


class RejectedRecord(SQLModel, table=True):
    """A vendor's record or a sheet's row that did not fit, with the reason; secrets redacted."""

    __tablename__ = "rejected_record"
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    stream: str
    record_id: str | None = None
    file: str | None = None
    line_no: int | None = None
    reason: str
    text: str | None = None
    rejected_at: NaiveDatetime
