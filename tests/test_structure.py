"""The house rules that a machine can see: one-way imports, SQL only in sql/, no page directly under pages/."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("data_sources", "sql", "pages", "dashboard")
LIBRARY_ROOMS = {
    "streamlit": r"dashboard\.py|pages/.*",
    "altair": r"dashboard\.py|pages/.*",
    "requests": r"data_sources/http\.py",
    "boto3": r"data_sources/.*",
    "botocore": r"data_sources/.*",
    "duckdb": r"sql/engines/.*|sql/snapshot\.py",
    "pyspark": r"sql/engines/.*",
    "grpc": r"sql/engines/.*",
    "sqlglot": r"sql/engines/.*",
}
SQL_STATEMENT = re.compile(
    r"\s*(select\s.+\sfrom\s|with\s+\w+\s+as\s*\(|insert\s+into\s|create\s+(or\s+replace\s+)?(temp\s+)?(table|view)\s"
    r"|delete\s+from\s|update\s+\w+\s+set\s|copy\s.+\sto\s)",
    re.IGNORECASE | re.DOTALL,
)


def modules() -> list[Path]:
    """The project's own Python files, without the tests."""
    named = [
        "dashboard.py",
        *(str(p.relative_to(ROOT)) for room in LAYERS[:3] for p in sorted((ROOT / room).rglob("*.py"))),
    ]
    return [Path(name) for name in named if (ROOT / name).is_file()]


def imported(path: Path) -> set[str]:
    """The full names of all modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", modules(), ids=str)
def test_nothing_imports_upward(path):
    layer = LAYERS.index(path.parts[0].removesuffix(".py"))
    upward = {name for name in imported(path) if name.split(".")[0] in LAYERS[layer + 1 :]}
    assert not upward, f"{path} imports {upward}, which stands above it"


@pytest.mark.parametrize("path", modules(), ids=str)
def test_each_library_has_its_room(path):
    for library in {name.split(".")[0] for name in imported(path)} & LIBRARY_ROOMS.keys():
        assert re.fullmatch(LIBRARY_ROOMS[library], path.as_posix()), f"{path} imports {library}"


def test_connectors_never_import_each_other():
    rooms = ("gateways", "billing", "support", "costs", "crm")
    for path in modules():
        if len(path.parts) == 3 and path.parts[1] in rooms:
            others = {n for n in imported(path) if re.match(rf"data_sources\.({'|'.join(rooms)})(\.|$)", n)}
            assert not others, f"{path} imports {others}"


@pytest.mark.parametrize("path", [p for p in modules() if p.parts[0] != "sql"], ids=str)
def test_no_sql_outside_sql(path):
    if path.parts[:2] == ("data_sources", "migrations"):
        pytest.skip("Alembic asks the store for its version and lock in plain SQL")
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not SQL_STATEMENT.match(node.value), f"{path}:{node.lineno} holds SQL: {node.value[:60]!r}"


def test_no_page_directly_under_pages():
    flat = {p.name for p in (ROOT / "pages").glob("*.py")} - {"__init__.py"}
    assert not flat, "a flat page is served before dashboard.py has run: a deep link would skip the login"


def test_no_data_through_raw_html():
    for path in modules():
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        raw = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg == "unsafe_allow_html"]
        assert not raw, f"{path}:{raw}"


def test_top_level_is_fixed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    tops = {name.split("/")[0] for name in listed if name and not name.startswith(".")}
    allowed = {"dashboard.py", "pages", "data_sources", "sql", "tests", "script", "docs", "requirements.txt"}
    allowed |= {"pyproject.toml", "README.md", "DECISIONS.md", "CHANGELOG.md", "LICENSE"}
    assert tops <= allowed, f"not part of the house: {tops - allowed}"


def test_one_clock():
    """Pure functions take `now`: nothing but program.py reads the clock."""
    clock = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(")
    for path in modules():
        if path.as_posix() != "data_sources/program.py":
            hits = [
                n
                for n, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
                if clock.search(line)
            ]
            assert not hits, f"{path}:{hits} reads the clock"
