"""The digest: what changed and matters, sent by e-mail and to a chat; nothing is sent where there is nothing new to say."""

import html
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlmodel import select

from data_sources import delivery, program
from data_sources.delivery import NotDelivered
from data_sources.ledger import DigestItem
from data_sources.program import Digest, Program
from data_sources.store import Store
from sql import query, snapshot
from sql.attention import Change, change
from sql.wording import day, plural

MOST = 12
SAID_AGAIN_AFTER = timedelta(days=14)


@dataclass
class Sent:
    """What became of a digest on each channel: how many changes were new there, why one did not leave, and who was refused it
    while others have it."""

    new: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Message:
    """One digest in the three forms that it is sent in."""

    subject: str
    text: str
    html: str
    chat: str


def changes(of: snapshot.Snapshot) -> list[Change]:
    """What changed and matters in a snapshot, the most money first."""
    columns, rows = query.rows(of, "attention")
    with of.cursor() as cursor:
        currency = cursor.execute("select currency from setting").fetchone()[0]
    return [change(dict(zip(columns, row, strict=True)), currency) for row in rows]


def send(found: list[Change], as_of: datetime, store: Store, settings: Program, now: datetime) -> Sent:
    """Send each channel of [digest] what of the changes as of a day was not said there in the last fourteen days.

    Said is noted once it was taken; who is stopped between the two says it twice, never not at all. What a message only
    counts is not said. A channel that fails keeps none of the others from theirs. Raises ProgramError where no channel is configured or a secret is missing.
    """
    config = settings.digest
    if config.mail is None and config.webhook is None:
        raise program.ProgramError("program.toml names nobody to tell: add [digest.mail], or webhook to [digest].")
    sent = Sent()
    for channel, deliver in _channels(config, settings):
        new = _new(store, channel, found, now)
        sent.new[channel] = len(new)
        if not new:
            continue
        try:
            warned = deliver(message(settings.program.name, new, as_of, config.dashboard))
        except NotDelivered as error:
            sent.failures.append(f"{channel}: {error}")
            continue
        sent.warnings += [f"{channel}: {warning}" for warning in warned]
        with store.session() as session:
            for one in new[:MOST]:
                session.merge(DigestItem(channel=channel, key=one.key, sent_at=now))
    return sent


def _channels(config: Digest, settings: Program) -> list[tuple[str, Any]]:
    """Each channel's name and what sends a message there; every secret is read before anything is sent."""
    found = []
    if mail := config.mail:
        password = settings.resolve(mail.password) if mail.password else None
        found.append(("mail", lambda m: delivery.mail(mail, password, m.subject, m.text, m.html)))
    if config.webhook:
        url = settings.resolve(config.webhook)
        found.append(("webhook", lambda m: delivery.webhook(url, m.chat)))
    return found


def _new(store: Store, channel: str, found: list[Change], now: datetime) -> list[Change]:
    with store.session() as session:
        said = session.exec(
            select(DigestItem.key).where(DigestItem.channel == channel, DigestItem.sent_at > now - SAID_AGAIN_AFTER)
        ).all()
    return [one for one in found if one.key not in set(said)]


def message(name: str, found: list[Change], as_of: datetime, dashboard: str | None) -> Message:
    """The changes as a letter and as a chat's message: the first twelve, and how many more there are."""
    shown, more = found[:MOST], len(found) - MOST
    subject = f"{name}: {plural(len(found), 'change')} that matter{'s' if len(found) == 1 else ''}, {day(as_of)}"
    rest = f"And {more} more on the Tier board." if more > 0 else ""
    text, page, chat = [subject, ""], [], [f"*{_chat(subject)}*"]
    for number, one in enumerate(shown, 1):
        link = _link(one, dashboard)
        text += [
            f"{number}. {one.what}.",
            f"   {one.usual}; {one.worth}; since {day(one.since)}.",
            *([f"   {link}"] if link else []),
            "",
        ]
        head = html.escape(one.what)
        head = f'<a href="{html.escape(link)}">{head}</a>' if link else head
        page.append(
            f"<li><p><strong>{head}</strong><br>{html.escape(one.usual)}; {html.escape(one.worth)}; since {day(one.since)}.</p></li>"
        )
        said = f"<{link}|{_chat(one.what).replace('|', '¦')}>" if link else _chat(one.what)
        chat.append(f"{number}. {said}\n{_chat(one.usual)}; {_chat(one.worth)}; since {day(one.since)}.")
    body = f"<h2>{html.escape(subject)}</h2><ol>{''.join(page)}</ol><p>{rest}</p>"
    return Message(
        subject,
        "\n".join([*text, rest]).rstrip() + "\n",
        f'<!doctype html><html lang="en"><body>{body}</body></html>',
        "\n".join([*chat, *([rest] if rest else [])]),
    )


def _link(one: Change, dashboard: str | None) -> str:
    return f"{dashboard.rstrip('/')}/{one.page}?{urlencode(one.params)}" if dashboard else ""


def _chat(text: str) -> str:
    """Text from the data in a chat's markup: nothing in it links, calls people or formats."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\u2060{c}" if c in "*_~`" else c for c in plain)
