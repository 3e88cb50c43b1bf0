"""What can be read is described truly: every format's example reads as that format, every kind of source has an example."""

import pytest

from data_sources.described import LOGS, kinds
from data_sources.program import SOURCE_KINDS
from data_sources.registry import connectors
from sql.describe import text
from sql.requests import formats
from tests.data_sources.test_connectors import ROOT
from tests.sql.requests.lines import preview, write


def test_the_documentation_is_what_is_described():
    written = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert written == text(), "run `python -m sql describe > docs/sources.md`"


def test_every_kind_of_source_has_an_example():
    assert set(kinds()) == SOURCE_KINDS == set(connectors()) | {LOGS}
    for kind in kinds().values():
        assert kind.words.endswith((".", ":")), kind
        assert kind.kind == LOGS or kind.tables, kind


@pytest.mark.parametrize("name", formats())
def test_the_example_of_a_format_reads_as_that_format(tmp_path, name):
    seen = preview(write(tmp_path, formats()[name].example))
    headers = formats()[name].example.count("\n")
    assert seen.summary == {"format": name, "lines": 1 + headers, "accepted": 1, "rejected": 0, "blank": headers}, seen
