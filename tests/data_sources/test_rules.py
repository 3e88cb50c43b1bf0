"""Changed rules are written into program.toml whole or not at all, everything else stays, and a change can be undone."""

import os
from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from data_sources import program as programs
from data_sources import rules
from data_sources.program import Exposure, LadderRule, TierRule
from tests.new_store import new_store

NOW = datetime(2026, 6, 30, 9)
TEXT = """# Ours
[program]
name = "Ours"            # the name

# Who is who. The first that holds wins.
[[tier_rule]]
tier = "internal"   # us
when = "internal_domain"

# partners by paper
[[tier_rule]]
when = "contract"
tier = "partner"
value = "partner"

# --- the rest ---

[[tier_rule]]
tier = "open"
when = "tag"
value = [
    "reviewed",  # by hand
    "known",
]

# Plans from the lowest upwards.
[[plan]]
name = "free"
free = true
"""
INTERNAL = TierRule(tier="internal", when="internal_domain")
PARTNER = TierRule(tier="partner", when="contract", value="partner")
OPEN = TierRule(tier="open", when="tag", value=["reviewed", "known"])


@pytest.fixture
def home(tmp_path):
    (tmp_path / "program.toml").write_text(TEXT)
    return tmp_path


@pytest.fixture
def store(home):
    opened = new_store(home)
    yield opened
    opened.engine.dispose()


def text(home) -> str:
    return (home / "program.toml").read_bytes().decode()


def save(home, store, wanted, section="tier_rule", **more):
    given = {"seen": rules.as_it_is(home), "author": "kim", "reason": "they asked", "now": NOW} | more
    return rules.save(home, store, section, wanted, **given)


def test_a_changed_value_changes_its_line_alone(home, store):
    changed = TierRule(tier="partner", when="contract", value="reseller")
    change = save(home, store, [INTERNAL, changed, OPEN])
    assert text(home) == TEXT.replace('value = "partner"', 'value = "reseller"')
    assert programs.load(home).tier_rule == [INTERNAL, changed, OPEN]
    assert (change.author, change.reason, change.decided_at, change.section) == ("kim", "they asked", NOW, "tier_rule")
    assert rules.parsed("tier_rule", change.before) == [INTERNAL, PARTNER, OPEN]
    assert rules.parsed("tier_rule", change.after) == [INTERNAL, changed, OPEN]
    assert [one.id for one in rules.changes(store)] == [change.id]


@pytest.mark.parametrize(
    "wanted",
    [
        [PARTNER, OPEN, INTERNAL],
        [OPEN],
        [],
        [INTERNAL, TierRule(tier="open", when="approved"), PARTNER, OPEN],
        [
            TierRule(tier="internal", when="group", value=["a", "b"]),
            PARTNER,
            OPEN,
            TierRule(tier="public", when="always"),
        ],
    ],
    ids=["order", "removed", "none", "added", "changed and added"],
)
def test_any_change_keeps_the_comments_of_the_rest_and_its_undoing_gives_the_file_back(home, store, wanted):
    change = save(home, store, wanted)
    made = text(home)
    assert programs.load(home).tier_rule == wanted
    assert made.startswith(TEXT[: TEXT.index("[[tier_rule]]")])
    assert TEXT[TEXT.index("# Plans") :] in made
    assert "# --- the rest ---" in made
    assert ("# by hand" in made) == (OPEN in wanted)
    assert made.count("# partners by paper") == (PARTNER in wanted)
    assert rules.can_undo(programs.load(home), change)
    undone = rules.undo(home, store, change, NOW)
    assert undone.undone_at == NOW
    assert programs.load(home).tier_rule == [INTERNAL, PARTNER, OPEN]
    assert sorted(text(home).split()) == sorted(TEXT.split()), "no word is lost and none is added"
    assert rules.changes(store)[0].undone_at == NOW


def test_sections_that_the_file_lacks_are_added_and_undone(home, store):
    ladder = [LadderRule(ladder="associate", when="pays"), LadderRule(ladder="open", when="always")]
    exposure = [Exposure(service="rates", tiers=["partner", "internal"])]
    first = save(home, store, ladder, "ladder_rule")
    second = save(home, store, exposure, "exposure")
    program = programs.load(home)
    assert (program.ladder_rule, program.exposure) == (ladder, exposure)
    assert text(home).startswith(TEXT)
    rules.undo(home, store, second, NOW)
    rules.undo(home, store, first, NOW)
    assert text(home) == TEXT


def test_line_ends_the_mark_and_the_mode_of_the_file_stay(home, store):
    path = home / "program.toml"
    path.write_bytes(("\ufeff" + TEXT.replace("\n", "\r\n")).encode())
    path.chmod(0o640)
    save(home, store, [INTERNAL, OPEN])
    made = text(home)
    assert made.startswith("\ufeff# Ours\r\n")
    assert made.count("\n") == made.count("\r\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert programs.load(home).tier_rule == [INTERNAL, OPEN]


def test_a_file_that_changed_meanwhile_is_left_alone(home, store):
    seen = rules.as_it_is(home)
    (home / "program.toml").write_text(TEXT + "\n# mine\n")
    with pytest.raises(rules.RuleError, match="changed meanwhile"):
        save(home, store, [INTERNAL], seen=seen)
    assert text(home) == TEXT + "\n# mine\n"
    assert rules.changes(store) == []


@pytest.mark.parametrize(
    ("wanted", "more", "says"),
    [
        ([INTERNAL, PARTNER, OPEN], {}, "Nothing was changed"),
        ([INTERNAL], {"reason": "  "}, "Say why"),
    ],
)
def test_what_is_no_change_or_has_no_reason_is_refused(home, store, wanted, more, says):
    with pytest.raises(rules.RuleError, match=says):
        save(home, store, wanted, **more)
    assert text(home) == TEXT


def test_what_would_not_be_valid_is_refused_and_named(home, store):
    wrong = [{"service": "rates", "tiers": ["partner"]}, {"service": "rates", "tiers": ["open"]}]
    with pytest.raises(rules.RuleError, match="twice: rates"):
        save(home, store, wrong, "exposure")
    assert text(home) == TEXT
    assert rules.changes(store) == []


def test_rules_in_one_inline_list_are_not_guessed_at(home, store):
    inline = 'tier_rule = [{ tier = "public", when = "always" }]\n[program]\nname = "x"\n'
    (home / "program.toml").write_text(inline)
    with pytest.raises(rules.RuleError, match="of its own"):
        save(home, store, [])
    assert text(home) == inline


def test_undo_only_while_the_file_has_what_the_change_wrote(home, store):
    change = save(home, store, [INTERNAL, OPEN])
    save(home, store, [OPEN])
    assert not rules.can_undo(programs.load(home), change)
    with pytest.raises(rules.RuleError, match="changed again since"):
        rules.undo(home, store, change, NOW)
    assert programs.load(home).tier_rule == [OPEN]
    assert rules.changes(store)[1].undone_at is None


def test_a_change_that_cannot_be_kept_is_not_made(home, store):
    with pytest.raises(IntegrityError):
        save(home, store, [INTERNAL], author=None)
    assert text(home) == TEXT


def test_a_folder_that_cannot_be_written_is_said(home, store, monkeypatch):
    def full(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(rules.RuleError, match="No space left"):
        save(home, store, [INTERNAL])
    assert text(home) == TEXT
    assert [path.name for path in home.glob(".program*")] == [".program.toml.lock"]
    assert rules.changes(store) == []


def test_rules_name_their_mistakes(home):
    for rule, says in (
        ('[[ladder_rule]]\nladder = "associate"\nwhen = "stage"\nvalue = "payin"\n', "'payin' is none of"),
        ('[[ladder_rule]]\nladder = "associate"\nwhen = "tier"\n', "needs a value"),
        ('[[ladder_rule]]\nladder = "gold"\nwhen = "always"\n', "associate"),
        ('[[exposure]]\nservice = "rates"\ntiers = []\n', "at least 1"),
        ('[[tier_rule]]\ntier = "open"\nwhen = "always"\nvalue = "x"\n', "takes no value"),
        ('[[tier_rule]]\ntier = "open"\nwhen = "pays"\n', "internal_domain"),
    ):
        (home / "program.toml").write_text(TEXT + rule)
        with pytest.raises(programs.ProgramError, match=says):
            programs.load(home)
