"""stall_reasons.toml, ticket_topics.toml and scanners.toml: what holds, and that what is wrong is named by file, line and rule."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_sources import __main__ as command
from data_sources import conditions, evidence, scanners, stall_reasons, ticket_topics
from data_sources import program as programs
from data_sources.conditions import Always, Compare, Contains, Fact, Not, OneOf, Several
from data_sources.evidence import Optional, Place
from data_sources.program import ProgramError
from data_sources.stall_reasons import KINDS

REASONS = stall_reasons.RULES.default.read_text(encoding="utf-8")
TOPICS = ticket_topics.RULES.default.read_text(encoding="utf-8")
DESIGNED = [
    "auth_refused",
    "quota_refused_no_way_up",
    "quota_refused",
    "our_errors",
    "wrong_path",
    "invalid_requests",
    "breached_ticket",
    "open_ticket",
    "waiting_security",
    "waiting_legal",
    "waiting_decision_maker",
    "waiting_procurement",
    "docs_no_key",
    "key_no_call",
    "pricing_no_contact",
    "succeeded_silent",
    "no_activity",
]


def mistake(tmp_path, rules, text: str) -> str:
    (tmp_path / rules.name).write_text(text, encoding="utf-8")
    with pytest.raises(ProgramError) as caught:
        rules.load(tmp_path)
    return str(caught.value)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_every_reason_of_the_design_is_there_in_order():
    names = [reason.name for reason in stall_reasons.RULES.usual()]
    assert [name for name in names if name in DESIGNED] == DESIGNED
    assert names[-1] == "no_activity"


def test_a_home_without_files_has_the_usual_rules_and_its_own_replace_them(tmp_path):
    assert stall_reasons.RULES.load(tmp_path) is stall_reasons.RULES.usual()
    assert ticket_topics.RULES.load(tmp_path) is ticket_topics.RULES.usual()
    (tmp_path / stall_reasons.RULES.name).write_text(REASONS.replace("refused_auth >= 3", "refused_auth >= 30"))
    (tmp_path / ticket_topics.RULES.name).write_text('[[topic]]\nname = "all"\nlabel = "All"\nwords = ["x"]\n')
    assert stall_reasons.RULES.load(tmp_path)[0].when.startswith("refused_auth >= 30")
    assert [topic.name for topic in ticket_topics.RULES.load(tmp_path)] == ["all"]


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ('when = "refused_auth >= 3 and', 'when = "refused_oauth >= 3 and', "refused_oauth", "reason.1.when (auth_refused): there is no fact 'refused_oauth'; did you mean 'refused_auth'?"),
        ('when = "late_tickets >= 1"', 'when = "late_tickets > \'many\'"', "late_tickets >", "(breached_ticket): 'late_tickets > 'many'' compares a number with a text"),
        ('when = "late_tickets >= 1"', 'when = "late_tickets >="', "late_tickets >=\"", "(breached_ticket): cannot be read"),
        ('when = "late_tickets >= 1"', 'when = "late_tickets"', "\"late_tickets\"", "alone says neither yes nor no; compare it, as in late_tickets >= 3"),
        ("{late_ticket_days:day}", "{late_ticket_age:day}", "late_ticket_age", "reason.8.evidence (breached_ticket): there is no fact 'late_ticket_age'; did you mean"),
        ('next_action = "Answer the ticket today"', 'next_acton = "Answer the ticket today"', "next_acton", "reason.8.next_acton (breached_ticket): no such key; is it misspelt?"),
        ('whose_move = "engineering"', 'whose_move = "engineers"', "engineers", "Input should be 'evangelist', 'sales', 'support', 'engineering' or 'legal'"),
        ("due_days = 2", "due_days = -2", "due_days = -2", "reason.4.due_days (our_errors): Input should be greater than or equal to 0"),
        ('name = "open_ticket"', 'name = "Open ticket"', '"Open ticket"', "reason.9.name (Open ticket): String should match pattern"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_file_line_and_rule(tmp_path, old, new, at, said):
    assert old in REASONS
    text = REASONS.replace(old, new, 1)
    found = mistake(tmp_path, stall_reasons.RULES, text)
    assert said in found
    assert f"{tmp_path / stall_reasons.RULES.name}, line {line_of(text, at)}: " in found


def test_a_missing_key_is_looked_for_in_its_rule(tmp_path):
    text = REASONS.replace('label = "Our errors"\n', "")
    found = mistake(tmp_path, stall_reasons.RULES, text)
    at = line_of(text, 'name = "our_errors"') - 1
    assert f"line {at}: reason.4.label (our_errors): is missing" in found


def test_all_mistakes_of_both_files_are_said_at_once(tmp_path, capsys):
    (tmp_path / "program.toml").write_text(programs.SAMPLE.read_text())
    (tmp_path / stall_reasons.RULES.name).write_text(
        REASONS.replace("due_days = 2", "due_days = -2").replace("calls_ever ==", "call_ever ==")
    )
    (tmp_path / ticket_topics.RULES.name).write_text(TOPICS.replace('counts_as = "legal"', 'counts_as = "law"'))
    program = programs.load(tmp_path)
    with pytest.raises(ProgramError) as caught:
        program.check_files()
    assert "due_days" in str(caught.value)
    assert "did you mean 'calls_ever'" in str(caught.value)
    assert "topic.3.counts_as (legal)" in str(caught.value)
    assert command.main(["list", "--home", str(tmp_path)]) == command.UNUSABLE
    assert "topic.3.counts_as (legal)" in capsys.readouterr().err.replace("\n", "")


def test_names_are_their_own_and_the_last_rule_alone_always_holds(tmp_path):
    assert "twice: open_ticket" in mistake(
        tmp_path, stall_reasons.RULES, REASONS.replace('"breached_ticket"', '"open_ticket"')
    )
    assert 'has when = "always"' in mistake(
        tmp_path, stall_reasons.RULES, REASONS.replace('when = "always"', 'when = "calls > 0"')
    )
    early = REASONS.replace('when = "late_tickets >= 1"', 'when = "always"')
    assert "always holds: breached_ticket, no_activity" in mistake(tmp_path, stall_reasons.RULES, early)
    assert "reason: is missing" in mistake(tmp_path, stall_reasons.RULES, "")
    assert "not valid TOML" in mistake(tmp_path, stall_reasons.RULES, "[[reason]\n")
    assert "twice: legal" in mistake(tmp_path, ticket_topics.RULES, TOPICS.replace('name = "sla"', 'name = "legal"'))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('name = "a"\nlabel = "A"', "topic.1 (a): a topic needs tags, forms or words to be found by"),
        ('name = "a"\nlabel = "A"\nword = ["x"]', "topic.1.word (a): no such key; is it misspelt?"),
        ('name = "a"\nlabel = "A"\nwords = ["x/y"]', "what holds a / is taken for a path"),
        ('name = "a"\nlabel = "A"\ntags = ["--"]', "holds no letter or digit"),
        ('name = "unknown"\nlabel = "A"\ntags = ["x"]', "'unknown' is the name of what no rule knows"),
    ],
)
def test_a_mistake_in_topics_is_named(tmp_path, lines, said):
    assert said in mistake(tmp_path, ticket_topics.RULES, f"[[topic]]\n{lines}\n")


def test_conditions_are_taken_apart():
    read = lambda text: conditions.parse(text, KINDS)  # noqa: E731
    assert read("always") == Always()
    assert read("calls >= -3") == Compare(Fact("calls"), ">=", -3)
    assert read("3 <= calls < 10.5") == Several(
        "and", (Compare(3, "<=", Fact("calls")), Compare(Fact("calls"), "<", 10.5))
    )
    assert read("not has_plan_above or ok == calls") == Several(
        "or", (Not(Fact("has_plan_above")), Compare(Fact("ok"), "==", Fact("calls")))
    )
    assert read('stage in ("integrated", "in_production")') == OneOf(Fact("stage"), ("integrated", "in_production"))
    assert read('"invoice" not in ticket_subject') == Not(Contains(Fact("ticket_subject"), "invoice"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "calls",
        "3",
        "True",
        "3 > 2",
        "calls + ok > 3",
        "calls > 1e99",
        "calls > True",
        "calls is 3",
        "calls.real > 3",
        "calls[0] > 3",
        "len(stage) > 3",
        "__import__('os').system('x')",
        "(lambda: calls)() > 3",
        "calls > 3; ok",
        "calls > 3 -- x",
        "calls := 3",
        "f'{calls}' == 'x'",
        "stage > 'a'",
        "stage == 3",
        "since > 3",
        "has_plan_above == 1",
        "'x' in calls",
        "stage in ('a', 3)",
        "stage in ()",
        "calls in (ok, 3)",
        "stage == 'a\\x00b'",
        "calls > 3 if ok else calls",
        "[calls > 3]",
        "(" * 300 + "calls > 3" + ")" * 300,
        "not " * 400 + "has_plan_above",
    ],
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(ValueError):
        conditions.parse(text, KINDS)


@given(st.text(max_size=80))
def test_any_text_is_a_condition_or_a_mistake(text):
    for parse in (conditions.parse, evidence.parse):
        with suppress(ValueError):
            parse(text, KINDS)


def test_evidence_is_taken_apart():
    assert evidence.parse("{calls:call}[, of {plan}] {{x}} [[y]]", KINDS) == (
        Place("calls", "call"), Optional((", of ", Place("plan"))), " ", "{", "x", "}", " ", "[", "y", "]",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["{calls", "calls}", "{}", "{call}", "{plan:plan}", "[{plan}", "{plan}]", "[[x] {plan}", "[no fact]", "[a {plan} [b {stage}]]", "{calls!r}", "{calls:a:b}"])  # fmt: skip
def test_what_is_no_evidence_is_refused(text):
    with pytest.raises(ValueError):
        evidence.parse(text, KINDS)


def test_the_files_say_where_they_are(tmp_path):
    assert stall_reasons.RULES.place(tmp_path).startswith("data_sources/stall_reasons.toml")
    (tmp_path / stall_reasons.RULES.name).write_text(REASONS)
    assert stall_reasons.RULES.place(tmp_path) == "stall_reasons.toml of this home"
    assert "copy data_sources/stall_reasons.toml" in programs.SAMPLE.read_text()
    assert all(re.search(r"[a-z]", meaning) for _, meaning in stall_reasons.FACTS.values())


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        ('paths = ["*"]', "matches everything"),
        ('paths = ["wp-login.php"]', "a path begins with /"),
        ("", "needs paths or agents"),
        ('agents = ["**"]', "matches everything"),
        ('paths = ["/x"]\nkind = "robot"', "kind"),
    ],
)
def test_a_list_of_scanners_that_cannot_be_meant_is_named(tmp_path, patterns, said):
    (tmp_path / scanners.RULES.name).write_text(f'[[scanner]]\nname = "mine"\nlabel = "Mine"\n{patterns}\n')
    with pytest.raises(ProgramError, match="mine") as error:
        scanners.RULES.load(tmp_path)
    assert said in str(error.value)


def test_patterns_become_one_expression():
    from re import search

    found = scanners.expression(["/wp-*", "*.sql", "*/.git*", "/exactly", "/a.c*z"])
    for path in ("/wp-login.php", "/x/db.sql", "/x/.git/config", "/exactly", "/a.c/x/z"):
        assert search(found, path), path
    for path in ("/x/wp-login", "/db.sql.txt", "/x/git", "/exactly/not", "/abc/z", "/v1/a.c/z"):
        assert not search(found, path), path
    assert scanners.expression([]) == ""
