"""What tickets are about: tags and forms before words, whole words only, and what no rule knows."""

from datetime import datetime

import pytest

from tests.sql.marts.world import World, ask, rows

TOPICS = """
[[topic]]
name = "money"
label = "Money"
counts_as = "commercial"
tags = ["Rate_Limit"]
forms = ["sales question"]
words = ["price", "rate limit", "don't pay"]

[[topic]]
name = "snow"
label = "Snow"
tags = ["snow"]
words = ["snow", "größe"]
"""


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def about(world: World, **tickets: dict) -> dict[str, list[str]]:
    """The topics of tickets, by their names; a text is a subject."""
    for name, ticket in tickets.items():
        given = {"subject": ticket} if isinstance(ticket, str) else ticket
        world.add("ticket", name, status="open", created_at=datetime(2026, 2, 1), **given)
    return dict(rows(world.build(), "select ticket_id, topics from ticket_topic"))


def test_the_usual_topics(world):
    found = about(
        world,
        technical="401 with a key that worked yesterday",
        billing="Invoice shows the wrong company name",
        pricing="Which price for 2 million calls?",
        security="Security questionnaire and SOC 2 report",
        legal="Redlines on the data processing agreement",
        sla="What uptime do you guarantee?",
        feature_request="Feature request: labels by batch",
        partner="How do we become a reseller?",
        procurement="Vendor registration",
        nothing="Hello",
    )
    assert {name: topics[:1] for name, topics in found.items()} == {
        name: [name] if name != "nothing" else [] for name in found
    }


def test_what_is_concluded_from_topics(world):
    for n, subject in enumerate(("Legal review of the enterprise quote", "Invoice", "SOC2", "Purchase order", "Hm")):
        world.add("ticket", str(n), status="open", subject=subject, created_at=datetime(2026, 2, 1))
    said = rows(
        world.build(),
        "select topics, topic, is_commercial, is_security, is_legal, is_billing, is_procurement from ticket_topic order by ticket_id",
    )
    assert said == [
        (["legal", "pricing"], "legal", True, False, True, False, False),
        (["billing"], "billing", False, False, False, True, False),
        (["security"], "security", False, True, False, False, False),
        (["procurement"], "procurement", False, False, False, False, True),
        ([], None, False, False, False, False, False),
    ]


def test_words_are_whole_and_never_in_a_path_or_an_address(world):
    (world.home / "ticket_topics.toml").write_text(TOPICS)
    found = about(
        world,
        whole="PRICE?",
        phrase="Our  rate-limit: too low",
        apostrophe="I don’t pay / I don't pay",
        longer="Priceless, pricey, prices",
        field="price_id is null",
        path="422 on /v1/price and rates/price",
        url="https://x.example/price",
        address="price@x.example bounces",
        umlaut="Falsche GRÖSSE? Größe!",
        across="rate of the limit",
        both="The price of snow",
        none={"subject": None},
    )
    assert found == {
        "whole": ["money"], "phrase": ["money"], "apostrophe": ["money"], "longer": [], "field": [], "path": [], "url": [],
        "address": [], "umlaut": ["snow"], "across": [], "both": ["money", "snow"], "none": [],
    }  # fmt: skip


def test_a_tag_or_a_form_beats_words(world):
    (world.home / "ticket_topics.toml").write_text(TOPICS)
    found = about(
        world,
        tag={"subject": "The price", "tags": ["SNOW", "web"]},
        spelt={"subject": "Hm", "tags": ["rate-limit"]},
        part={"subject": "The price", "tags": ["snow_plough"]},
        form={"subject": "It snows: snow", "form": "A Sales Question"},
        two={"subject": "Hm", "form": "Sales question", "tags": ["snow"]},
    )
    assert found == {
        "tag": ["snow"],
        "spelt": ["money"],
        "part": ["money"],
        "form": ["money"],
        "two": ["money", "snow"],
    }


def test_the_share_that_no_rule_knows_is_told_with_samples(world):
    (world.home / "ticket_topics.toml").write_text(TOPICS)
    world.person("ann", "ann@gmail.com", created=datetime(2026, 1, 1))
    world.add("support_user", "u", email="ann@gmail.com", verified=True, role="end-user")
    for n, (subject, status) in enumerate(
        [("A price", "open"), ("Hello", "solved"), ("Hello", "open"), ("Bye", "solved"), ("Snow and price", "solved")]
    ):
        who = {"requester_id": "u"} if subject != "Bye" else {}
        world.add("ticket", str(n), status=status, subject=subject, created_at=datetime(2026, 2, 1), **who)
    found = {row["topic"]: row for row in ask(world.build(), "ticket_topics")}
    assert list(found) == ["money", "snow", "unknown"]
    figures = ("tickets", "share", "accounts", "open_tickets", "stalled_accounts")
    assert [[found[topic][name] for name in figures] for topic in found] == [
        [2, 0.4, 1, 1, 1],
        [1, 0.2, 1, 0, 0],
        [3, 0.6, 2, 1, 1],
    ]
    assert found["unknown"]["topic_label"] == "No rule knows it"
    assert found["unknown"]["sample_subjects"] == '["Hello","Bye"]'
    assert found["money"]["counts_as"] == "commercial"
