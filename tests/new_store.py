"""New stores at once: the first is made by the product, every other is a copy of that file before anything was in it."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from data_sources.store import Store, open_store


@cache
def empty_home() -> Path:
    """A home with a migrated store and nothing in it, made once a process and removed at its end. Read only."""
    folder = Path(tempfile.mkdtemp(prefix="empty-home-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(folder).engine.dispose()
    assert [path.name for path in folder.iterdir()] == ["store.db"], "all of the store is in its file"
    return folder


def new_store(home: Path) -> Store:
    """The store of a home; where there is none yet, an empty one is put there. Only for stores on SQLite."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "store.db").exists():
        shutil.copyfile(empty_home() / "store.db", home / "store.db")
    return open_store(home)
