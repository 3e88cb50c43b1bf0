"""Files that are whole or not there, also after a power cut."""

import os
import shutil
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a file (UTF-8) in one step, in place of one that is there, whose permissions it keeps. Raises OSError; then the old one stays."""
    aside = path.with_name(f".{path.name}.writing")
    try:
        aside.write_bytes(text.encode("utf-8"))
        if path.exists():
            shutil.copymode(path, aside)
        move_in(aside, path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def move_in(made: Path, target: Path) -> None:
    """Move a finished file to its place, in which another may be."""
    sync(made)
    os.replace(made, target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
