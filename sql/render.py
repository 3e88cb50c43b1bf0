"""The final SQL text of a metric, a model of staging or marts, a roll-up or a check, by its name."""

from pathlib import Path

from sql import models
from sql.catalogue import ROOT, CatalogueError, nearest, sql_files
from sql.count import base_sql


def render(name: str, root: Path = ROOT) -> str:
    """The statement as it runs. Raises CatalogueError, with the nearest names, where there is none of that name."""
    for folder in ("metrics", "checks"):
        for path in sql_files(folder, root):
            if path.stem == name:
                return path.read_text(encoding="utf-8")
    for model in models.find(root):
        if name in model.creates:
            return model.text if model.materialise == "python" else models.statement(model)
    for path in sql_files("usage", root):
        if path.stem == name:
            return _usage(name, path.read_text(encoding="utf-8"), root)
    raise CatalogueError(f"There is no statement {name!r}. {nearest(name, names(root))}")


def names(root: Path = ROOT) -> list[str]:
    """Everything that can be rendered."""
    files = [path.stem for folder in ("metrics", "checks", "usage") for path in sql_files(folder, root)]
    return sorted({*files, *(table for model in models.find(root) for table in model.creates)})


def _usage(name: str, text: str, root: Path) -> str:
    """A roll-up with the view that it counts over before it; the view itself and those over other roll-ups as they are."""
    if "from request\n" not in text:
        return text
    return f"create or replace temp view request as\n{base_sql('request', root).strip()};\n\n{text}"
