"""Alembic's entry: migrates the connection that `migrations.upgrade` hands over."""

from alembic import context
from sqlmodel import SQLModel

from data_sources import judgements, learned, ledger, records  # noqa: F401  (they fill the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
