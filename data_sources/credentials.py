"""What the registries of gateways share: names of keys, one plan of several, what becomes of a record that is no longer listed."""

from collections.abc import Iterable
from datetime import datetime

from data_sources.records import Credential, Record
from data_sources.store import keyed_hash
from data_sources.streams import Desk, Gone, Handed, Patch


def key_name(desk: Desk, raw: str) -> str:
    """The name of a raw key here, as request events have it in `credential_ref`: a keyed hash, never the key."""
    return f"key:{keyed_hash(desk.home, raw)}"


def revoked(model: type[Record], record: str, desk: Desk) -> Handed | None:
    """A credential that is no longer listed is kept, because old calls still name it: dated when it was first missed."""
    if desk.stored(Credential, "revoked_at").get(record):
        return None
    return Patch(Credential, record, {"revoked_at": desk.now})


def removed(model: type[Record], record: str, desk: Desk) -> Handed:
    """Any other record that is no longer listed is gone."""
    return Gone(model, record)


def ended(desk: Desk, record: str, at: datetime | None) -> datetime:
    """When a credential that does not work any more ended: as the gateway says, else when it was first seen so."""
    return at or desk.stored(Credential, "revoked_at").get(record) or desk.now


def only(values: Iterable[str]) -> str | None:
    """The one value where there is one: a key of several plans is of no single one."""
    found = sorted(set(values))
    return found[0] if len(found) == 1 else None
