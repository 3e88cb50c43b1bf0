"""Which kinds of source there are: every module of the vendor folders that offers a CONNECTOR. Found, not listed."""

import importlib
import pkgutil
from functools import cache

from data_sources.streams import Connector

ROOMS = ("gateways", "billing", "support", "costs", "crm")
SHEETS = "data_sources.tables"


@cache
def connectors() -> dict[str, Connector]:
    """Every connector by its kind, as `[[source]] kind = …` names it. Log files are read elsewhere (`kind = "logs"`)."""
    found: dict[str, Connector] = {}
    for name in [SHEETS, *_modules()]:
        connector = getattr(importlib.import_module(name), "CONNECTOR", None)
        if connector is None:
            continue
        if connector.kind in found:
            raise ValueError(f"{name}: there is another connector of kind {connector.kind!r}")
        found[connector.kind] = connector
    return found


def _modules() -> list[str]:
    import data_sources

    rooms = [f"data_sources.{info.name}" for info in pkgutil.iter_modules(data_sources.__path__) if info.name in ROOMS]
    return [
        f"{room}.{info.name}" for room in rooms for info in pkgutil.iter_modules(importlib.import_module(room).__path__)
    ]
