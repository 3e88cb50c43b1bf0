"""Small vendors on loopback: one module a connector, named as its kind, each with a `Vendor`. The contract suite finds them."""

import importlib

from data_sources.registry import connectors


def api_kinds() -> list[str]:
    """Every kind of source that is read over HTTP, which are those whose settings hold a url or a key."""
    return sorted(kind for kind, one in connectors().items() if "path =" not in one.settings)


def vendor_of(kind: str):
    """A new vendor of this kind; a connector without one fails the suite."""
    return importlib.import_module(f"tests.data_sources.vendors.{kind}").Vendor()
