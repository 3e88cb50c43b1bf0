"""The Tier board's list of what changed and matters: what the metric says, in its order, each with its link; else that nothing is unusual."""

from sql import attention, query, snapshot
from tests.pages.conftest import said
from tests.sql import small_home


def test_the_board_lists_what_the_metric_says(open_page, demo_home):
    app = open_page()
    text = said(app)
    assert "What changed and matters" in text
    columns, rows = query.rows(snapshot.current(demo_home), "attention")
    changes = [attention.change(dict(zip(columns, row, strict=True)), "usd") for row in rows]
    labels = [link.label for link in app.get("page_link")]
    for number, change in enumerate(changes, 1):
        (label,) = [one for one in labels if one.startswith(f"**{number}.**")]
        assert change.what.split(":")[0].split()[0] in label
    if not changes:
        assert "Nothing is out of its usual range" in text
    assert "compared with their own eight weeks before" in text


def test_a_young_program_is_said_to_have_no_usual_yet(open_page, tmp_path):
    home = small_home.make(tmp_path / "home", calls=5)
    small_home.refreshed(home)
    assert "Nothing can be called unusual yet" in said(open_page(home=home))
