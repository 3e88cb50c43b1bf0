"""moto's server on this machine, and a home whose logs are in it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer
from sqlmodel import select

from data_sources import program as programs
from data_sources.ledger import Cursor, LogChunk, LogFile
from sql.engines import duckdb as engine
from sql.ingest import ingest
from tests.data_sources.vendors.aws_api_gateway import ACCESS, SECRET
from tests.new_store import new_store

REGION = "eu-central-1"


@contextmanager
def moto() -> Iterator[str]:
    """The address of a running server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def client(url: str, service: str, access: str = ACCESS, secret: str = SECRET):
    """A client of a service of the server."""
    given = {"aws_access_key_id": access, "aws_secret_access_key": secret}
    return boto3.client(service, region_name=REGION, endpoint_url=url, **given)


@contextmanager
def bucket(url: str, name: str) -> Iterator[Any]:
    """A client, with an empty bucket of this name and nothing else at the server."""
    emptied(url)
    with closing(client(url, "s3")) as s3:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield s3


def emptied(url: str) -> None:
    """Forget all that the server holds."""
    urlopen(Request(f"{url}/moto-api/reset", method="POST")).close()


class Home:
    """A home with one source of logs at the server."""

    def __init__(self, home: Path, url: str, *paths: str, more: str = "", key: str = f"{ACCESS}:{SECRET}") -> None:
        (home / "secrets").mkdir(parents=True)
        (home / "secrets" / "aws").write_text(key)
        listed = ", ".join(f'"{path}"' for path in paths)
        (home / "program.toml").write_text(
            f'[program]\nname = "t"\n[[source]]\nname = "edge"\nkind = "logs"\npaths = [{listed}]\n'
            f'region = "{REGION}"\nendpoint = "{url}"\nkey = "secret:aws"\n{more}\n'
        )
        self.home, self.store = home, new_store(home)

    @property
    def program(self):
        return programs.load(self.home)

    def ingest(self, now: datetime | None = None):
        return ingest(self.store, self.program, None, now or datetime.now(UTC).replace(tzinfo=None))

    def later(self, **span: float):
        return self.ingest(datetime.now(UTC).replace(tzinfo=None) + timedelta(**span))

    def ledger(self, model) -> list:
        assert model in (Cursor, LogChunk, LogFile)
        with self.store.session() as session:
            return list(session.exec(select(model)))

    def requests(self) -> list[str]:
        """The ids of all requests in the lake, sorted."""
        names = [name for chunk in self.ledger(LogChunk) for name in chunk.files or ()]
        if not names:
            return []
        with engine.connect() as con:
            rows = con.execute(
                "select request_id from read_parquet(?, hive_partitioning = false)",
                [[str(self.home / "lake" / name) for name in names]],
            ).fetchall()
        return sorted(row[0] for row in rows)

    def spool(self) -> list[Path]:
        """The files that wait in the spool."""
        return [path for path in (self.home / "spool").rglob("*") if path.is_file()]
