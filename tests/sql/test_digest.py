"""The digest: a real SMTP server and a real HTTP receiver on loopback; quiet where there is nothing new, nothing secret anywhere."""

import json
import threading
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from data_sources import delivery, program
from data_sources.program import Mail
from sql import __main__ as command
from sql import digest
from sql.attention import Change, change
from tests.end_to_end.browser import free_port
from tests.new_store import new_store
from tests.sql import small_home

PATH = "/services/T000/B000/verysecretpart"
NOW = datetime(2026, 6, 30, 6)


class Letters:
    """What an SMTP server got; `refused` are addresses that it does not know."""

    def __init__(self) -> None:
        self.got, self.refused = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@pytest.fixture
def letters():
    """A server that takes mail without a password."""
    box = Letters()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    box.port = server.port
    yield box
    server.stop()


@pytest.fixture
def receiver():
    """An incoming webhook as Slack's: it answers `ok`, or with the next of `answers`."""

    class Hook(BaseHTTPRequestHandler):
        got, answers = [], []

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = self.answers.pop(0) if self.answers else 200
            self.got.append((status, self.path, json.loads(body)))
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Hook.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    yield Hook
    server.shutdown()
    server.server_close()


def one(what: str = "Acme <b>: 9 of 20 calls", key: str = "a", **other) -> Change:
    given = {"usual": "usual are 2", "worth": "$88k, paid", "since": date(2026, 6, 28), "page": "account"}
    return Change(key=key, what=what, **given, params={"account": "org:1&2"}, **other)


@pytest.fixture
def home(tmp_path, letters, receiver, monkeypatch):
    """A home whose digest goes to both."""
    monkeypatch.setenv("HOOK", receiver.url)
    made = small_home.make(tmp_path / "home", calls=3)
    text = (made / "program.toml").read_text()
    (made / "program.toml").write_text(
        text
        + f'\n[digest]\ndashboard = "https://health.example/"\nwebhook = "env:HOOK"\n\n[digest.mail]\nto = ["ann@house.example"]\n'
        f'sender = "health@house.example"\nhost = "127.0.0.1"\nport = {letters.port}\nsecurity = "none"\n'
    )
    small_home.refreshed(made)
    return made


def sent(home, found, now=NOW) -> digest.Sent:
    """Send what was found, by this home's program and store."""
    store = new_store(home)
    try:
        return digest.send(found, NOW, store, program.load(home), now)
    finally:
        store.engine.dispose()


def test_both_channels_say_what_changed_with_links_and_nothing_of_it_is_markup(home, letters, receiver):
    done = sent(home, [one(), one("*Bold* & co", "b")])
    assert (done.new, done.failures) == ({"mail": 2, "webhook": 2}, [])
    (letter,) = letters.got
    assert letter["To"] == "ann@house.example"
    assert "2 changes that matter" in letter["Subject"]
    text, page = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "1. Acme <b>: 9 of 20 calls." in text
    assert "https://health.example/account?account=org%3A1%262" in text
    assert "Acme &lt;b&gt;" in page
    assert "<b>" not in page
    ((status, path, said),) = receiver.got
    assert (status, path) == (200, PATH)
    assert "Acme &lt;b&gt;" in said["text"]
    assert "*Bold*" not in said["text"]


def test_what_was_said_is_not_said_again_until_two_weeks_later(home, letters, receiver):
    assert sent(home, [one()]).new == {"mail": 1, "webhook": 1}
    assert sent(home, [one()], NOW + timedelta(days=1)).new == {"mail": 0, "webhook": 0}
    assert len(letters.got) == len(receiver.got) == 1, "quiet when there is nothing to say"
    assert sent(home, [one(), one("Other", "b")], NOW + timedelta(days=2)).new["mail"] == 1
    assert "1 change that matters" in letters.got[1]["Subject"]
    assert sent(home, [one()], NOW + timedelta(days=15)).new["mail"] == 1


def test_a_channel_that_fails_keeps_the_other_from_nothing_and_is_tried_again(home, letters, receiver):
    receiver.answers += [403]
    done = sent(home, [one()])
    assert len(letters.got) == 1
    (failure,) = done.failures
    assert failure.startswith("webhook: http://127.0.0.1")
    assert "verysecretpart" not in failure
    assert "403" in failure
    again = sent(home, [one()])
    assert again.new == {"mail": 0, "webhook": 1}
    assert [status for status, _, _ in receiver.got] == [403, 200]
    assert len(letters.got) == 1


def test_a_receiver_that_is_busy_is_asked_again(home, receiver):
    receiver.answers += [429, 503]
    assert sent(home, [one()]).failures == []
    assert [status for status, _, _ in receiver.got] == [429, 503, 200]


def test_one_of_two_recipients_is_refused_and_said_once_and_the_other_has_it_once(home, letters):
    letters.refused = {"gone@house.example"}
    file = home / "program.toml"
    file.write_text(file.read_text().replace('"ann@house.example"', '"ann@house.example", "gone@house.example"'))
    done = sent(home, [one()])
    (warning,) = done.warnings
    assert warning.endswith("refuses gone@house.example; the others have it")
    assert done.failures == []
    assert sent(home, [one()], NOW + timedelta(days=1)).new["mail"] == 0
    assert len(letters.got) == 1


def test_a_server_that_says_no_goodbye_has_taken_the_letter(letters, monkeypatch):
    async def rude(self, server, session, envelope):
        return "421 no goodbye"

    monkeypatch.setattr(Letters, "handle_QUIT", rude, raising=False)
    settings = Mail(
        to=["ann@house.example"], sender="h@house.example", host="127.0.0.1", port=letters.port, security="none",
    )  # fmt: skip
    assert delivery.mail(settings, None, "s", "t", "<p>t</p>") == []
    assert len(letters.got) == 1


def test_a_webhooks_slash_at_the_end_is_kept_and_no_part_of_its_address_is_said(receiver):
    receiver.answers += [404]
    with pytest.raises(delivery.NotDelivered) as refused:
        delivery.webhook(f"{receiver.url}/", "t")
    assert [path for _, path, _ in receiver.got] == [f"{PATH}/"]
    assert "404" in str(refused.value)
    assert not any(part in str(refused.value) for part in ("T000", "B000", "verysecretpart"))


def test_what_a_message_only_counts_is_said_in_the_next(home, letters):
    found = [one(f"Change {number}", str(number)) for number in range(digest.MOST + 2)]
    assert sent(home, found).new["mail"] == digest.MOST + 2
    assert sent(home, found, NOW + timedelta(days=1)).new["mail"] == 2
    assert "Change 13" in letters.got[1].get_body(("plain",)).get_content()


def test_the_other_direction_is_another_change_and_more_of_the_same_is_not():
    fall, more, rise = (change(row(value=value), "usd").key for value in (9.0, 3.0, 90.0))
    assert fall == more != rise
    gain, loss = (
        change(row(kind="contribution", account_id=None, value=value, expected=None), "usd").key
        for value in (5.0, -5.0)
    )
    assert gain != loss
    short, long = (
        change(row(kind="enterprise_waits", stage="legal", value=value, expected=32.0, high=50.0), "usd").key
        for value in (31.0, 33.0)
    )
    assert short == long


@pytest.mark.parametrize(
    ("password", "said"),
    [("hunter2", "refuses the user me"), ("hunter\u00e92", "holds a character that is not ASCII")],
)
def test_a_password_that_is_refused_is_not_in_the_message(password, said):
    def nobody(server, session, envelope, mechanism, data):
        return AuthResult(success=False, handled=False)

    server = Controller(
        Letters(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=nobody,
        auth_required=True,
        auth_require_tls=False,
    )
    server.start()
    port = server.port
    settings = Mail(
        to=["a@b.example"], sender="h@b.example", host="127.0.0.1", port=port, security="none", user="me", password="env:X",
    )  # fmt: skip
    try:
        with pytest.raises(delivery.NotDelivered) as refused:
            delivery.mail(settings, password, "s", "t", "t")
    finally:
        server.stop()
    assert said in str(refused.value)
    assert not any(part in str(refused.value) for part in ("hunter", "\u00e9", "xe9"))


def test_a_server_that_is_not_there_or_knows_no_tls_is_said_in_words(letters):
    gone = Mail(to=["a@b.example"], sender="h@b.example", host="127.0.0.1", port=9, security="none")
    with pytest.raises(delivery.NotDelivered, match=r"127.0.0.1:9: .*refused"):
        delivery.mail(gone, None, "s", "t", "t")
    plain = Mail(to=["a@b.example"], sender="h@b.example", host="127.0.0.1", port=letters.port)
    with pytest.raises(delivery.NotDelivered, match="STARTTLS"):
        delivery.mail(plain, None, "s", "t", "t")
    assert letters.got == []


def test_a_password_needs_a_private_connection():
    with pytest.raises(ValueError, match="not sent without"):
        Mail(to=["a@b.example"], sender="h@b.example", host="mail.example", security="none", user="a", password="env:X")


def test_nobody_to_tell_is_said(tmp_path):
    home = small_home.make(tmp_path / "home", calls=1)
    store = new_store(home)
    with pytest.raises(program.ProgramError, match="names nobody to tell"):
        digest.send([one()], NOW, store, program.load(home), NOW)
    store.engine.dispose()


def test_the_command_is_quiet_on_a_quiet_program_and_a_dry_run_sends_nothing(home, letters, receiver, capsys):
    assert command.main(["digest", "--home", str(home)]) == command.OK
    assert "mail: nothing new to say" in capsys.readouterr().out
    assert command.main(["digest", "--home", str(home), "--dry-run"]) == command.OK
    assert capsys.readouterr().out == "nothing to say\n"
    assert (letters.got, receiver.got) == ([], [])


def row(**given):
    found = {
        "kind": "calls", "tier": "open", "account_id": "org:1", "name": "Acme", "stage": None, "since": date(2026, 6, 28),
        "day": date(2026, 6, 29), "span_days": 1, "value": 9.0, "of": None, "expected": 40.2, "low": 21.0, "high": 60.0,
        "p": 1e-9, "money": 1200.0, "money_is": "paid in the last 90 days",
    }  # fmt: skip
    return found | given


@pytest.mark.parametrize(
    ("given", "what", "usual", "page"),
    [
        ({}, "Acme: 9 calls on 29 Jun 2026", "usual are 40 (99 of 100 times 21 to 60)", "account"),
        (
            {"kind": "server_errors", "span_days": 3, "of": 200.0, "expected": 2.0, "low": 0.0, "high": 7.0},
            "Acme: 9 of 200 calls ended with 5xx, our errors, in 3 days up to 29 Jun 2026",
            "usual are 2, 1.0\u202f% (99 of 100 times 0 to 7)",
            "account",
        ),
        (
            {"kind": "contribution", "account_id": None, "name": None, "span_days": 31, "value": -310.0, "low": 20.0, "high": 900.0},
            "Open: the contribution of 31 days turned to −$310 on 29 Jun 2026",
            "in the ninety days before it was +$20 to +$900",
            "contribution",
        ),
        (
            {"kind": "enterprise_waits", "stage": "procurement", "value": 31.0, "expected": None, "high": None},
            "Acme: waits for 31 days at procurement",
            "too few such steps have ended to say what is usual",
            "account",
        ),
        (
            {"kind": "outgrowing", "account_id": None, "name": None, "span_days": 3, "value": 40.0},
            "Open: 40 account-days on which a free account was refused by its limit, in 3 days up to 29 Jun 2026",
            "usual are 40 (99 of 100 times 21 to 60)",
            "demand",
        ),
        (
            {"kind": "conversion", "account_id": None, "name": None, "stage": "first_call", "of": 60.0},
            "Open: 9 of 60 at first call moved on within 7 days, of those whose week ended on 29 Jun 2026",
            "usual are 40, 67.0\u202f% (99 of 100 times 21 to 60)",
            "funnel",
        ),
    ],
)  # fmt: skip
def test_a_change_in_words(given, what, usual, page):
    said = change(row(**given), "usd")
    assert (said.what, said.usual, said.page) == (what, usual, page)
    assert said.worth == "$1.2k, paid in the last 90 days"
