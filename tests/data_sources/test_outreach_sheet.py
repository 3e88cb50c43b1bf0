"""Outreach from a dropped sheet: what fits is kept, what does not says why, and a file of another kind is refused."""

from datetime import date

import pytest

from data_sources import outreach_sheet
from data_sources.failures import SourceError

SHEET = """Title,Direction,Date,Hours,Cost,Currency,Channel
Talk,Public,2026-06-01,3.5,120.50,EUR,Conference
Sideways,sideways,2026-06-02,1,,,
No day,internal,,1,,,
No number,partner,2026-06-03,long,,,
Workshop,partner,2026-06-03,,,,
Below,partner,2026-06-03,-1,,,
"""


def test_rows_that_fit_are_read_and_the_others_say_why():
    found = outreach_sheet.read("outreach.csv", SHEET.encode(), "usd")
    talk, workshop = found.activities
    assert (talk["direction"], talk["channel"], talk["happened_on"]) == ("public", "conference", date(2026, 6, 1))
    assert (talk["hours"], talk["cost"], talk["currency"]) == (3.5, 12_050, "eur")
    assert (workshop["hours"], workshop["cost"], workshop["channel"]) == (None, None, None)
    reasons = [reason for _, reason in sorted(found.rejected)]
    assert [one.split(":")[0] for one in reasons] == ["direction", "date", "hours", "hours"]


def test_a_row_is_named_by_its_line_and_loses_nothing_silently():
    sheet = "title,direction,date,organization,owner,url\n\nTalk,public,2026-06-01,,Kim,https://x.example\n\nDinner,partner,2026-06-02,org_1,,\n"
    found = outreach_sheet.read("outreach.csv", sheet.encode(), "usd")
    assert [one["reason"] for one in found.activities] == ["by Kim · https://x.example"]
    ((line, reason),) = found.rejected
    assert line == 5
    assert reason.startswith("organization_ref: 'org_1'")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"%PDF-1.7", b'{"title": "Talk"}'])
def test_another_kind_of_file_is_refused(content):
    with pytest.raises(SourceError, match=r"outreach\.csv|sheet"):
        outreach_sheet.read("outreach.csv", content, "usd")
