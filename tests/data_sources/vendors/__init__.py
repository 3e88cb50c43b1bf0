"""Small vendors on loopback: one module a connector, named as its kind, each with a `Vendor`. The contract suite finds them."""

import importlib
import re

from data_sources.registry import connectors


def api_kinds() -> list[str]:
    """Every kind of source that is read by our own HTTP session: not sheets, and not what AWS's SDK reads."""
    return sorted(kind for kind, one in connectors().items() if not re.search("path =|region =", one.settings))


def vendor_of(kind: str):
    """A new vendor of this kind; a connector without one fails the suite."""
    return importlib.import_module(f"tests.data_sources.vendors.{kind}").Vendor()
