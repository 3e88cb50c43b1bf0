"""Writes the next migration: compares the models with a fresh database at the newest version."""

import sys

from alembic import command
from sqlalchemy import create_engine

from data_sources import migrations


def main(message: str) -> None:
    """Write `versions/NNNN_message.py`, numbered after the newest."""
    numbers = [int(path.stem.split("_")[0]) for path in (migrations.HERE / "versions").glob("[0-9]*.py")]
    with create_engine("sqlite://").connect() as connection:
        settings = migrations.config(connection)
        if numbers:
            command.upgrade(settings, "head")
        command.revision(settings, message, autogenerate=True, rev_id=f"{max(numbers, default=0) + 1:04d}")


if __name__ == "__main__":
    main(sys.argv[1])
