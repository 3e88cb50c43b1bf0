"""Ordered migrations of the store, run by Alembic. A new one: `script/migration "what changes"`."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine

HERE = Path(__file__).parent


def upgrade(engine: Engine) -> None:
    """Bring a store to the newest version; does nothing, fast, when it is there already."""
    if _version(engine) == newest():
        return
    from alembic import command

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(20261124)"))
        command.upgrade(config(connection), "head")


def newest() -> str:
    """The version that the code needs: the greatest number among the files of `versions/`."""
    return max(path.stem.split("_")[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def config(connection: object | None = None):
    """Alembic's configuration, with the connection to migrate."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()
