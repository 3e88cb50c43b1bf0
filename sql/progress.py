"""How long work shows where it is: live in a terminal, as lines elsewhere (a page, cron's mail)."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sql.build import Progress

SECONDS_BETWEEN_LINES = 1.0


@contextmanager
def shown() -> Iterator[Progress]:
    """A `progress(stage, detail, done, total)` for as long as the block runs; it may be called from several threads."""
    if sys.stderr.isatty():
        with _live() as progress:
            yield progress
    else:
        yield _lines()


@contextmanager
def _live() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = [TextColumn("[bold]{task.fields[stage]:<7}"), BarColumn(30), TextColumn("{task.description}")]
    with Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        tasks: dict[str, int] = {}

        def progress(stage: str, detail: str, done: int | None, total: int | None) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    bar.update(task, total=1, completed=1)
                tasks[stage] = bar.add_task(detail, total=None, stage=stage)
            bar.update(tasks[stage], description=detail, total=total, completed=done or 0)

        yield progress
        for task in tasks.values():
            bar.update(task, total=1, completed=1)


def _lines() -> Progress:
    last: dict[str, float] = {}

    def progress(stage: str, detail: str, done: int | None, total: int | None) -> None:
        at = time.monotonic()
        ended = total is not None and done == total
        if at - last.get(stage, 0) < SECONDS_BETWEEN_LINES and not ended:
            return
        last[stage] = at
        share = f" ({done} of {total})" if total and done is not None and not ended else ""
        print(f"{stage}: {detail}{share}", flush=True)

    return progress
