"""Messages that leave this machine: e-mail by SMTP, and a chat's incoming webhook (Slack's shape, which others read too)."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

from data_sources import program
from data_sources.failures import Patience, SourceError
from data_sources.http import Http

TIMEOUT = 30.0


class NotDelivered(Exception):
    """A message that did not leave, in words for people, without secrets."""


def mail(settings: "program.Mail", password: str | None, subject: str, text: str, html: str) -> list[str]:
    """Send one message to all of `settings.to`; those whom the server refused while the others have it, in a sentence each.

    Raises NotDelivered where nobody has it. Once the server has taken it, nothing that goes wrong after makes it not delivered.
    """
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, settings.sender, ", ".join(settings.to)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=settings.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    where, refused = f"{settings.host}:{settings.port}", None
    try:
        with _connected(settings) as server:
            if settings.user:
                _log_in(server, settings.user, password or "", where)
            refused = server.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise NotDelivered(f"{where} refuses the user {settings.user} or its password") from None
    except smtplib.SMTPRecipientsRefused as error:
        raise NotDelivered(f"{where} refuses every recipient: {', '.join(sorted(error.recipients))}") from None
    except (smtplib.SMTPException, OSError) as error:
        if refused is None:
            raise NotDelivered(f"{where}: {type(error).__name__}: {_said(error)}") from None
    return [f"{where} refuses {address}; the others have it" for address in sorted(refused)]


def _log_in(server: smtplib.SMTP, user: str, password: str, where: str) -> None:
    try:
        server.login(user, password)
    except UnicodeEncodeError:  # smtplib logs in with ASCII alone, and the error holds the character
        raise NotDelivered(f"{where}: the user or its password holds a character that is not ASCII") from None


def _connected(settings: "program.Mail") -> smtplib.SMTP:
    safe = ssl.create_default_context()
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT, context=safe)
    server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT)
    if settings.security == "starttls":
        try:
            server.starttls(context=safe)
        except BaseException:
            server.close()
            raise
    return server


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {said}"
    return str(error)


def webhook(url: str, text: str) -> list[str]:
    """POST `{"text": …}`. The address is itself the secret: it is in no message, nor is a part of its path. Raises NotDelivered."""
    parts = urlsplit(url)
    whole = {part.rstrip("/") for part in (url, parts.path, parts.query)}
    secrets = sorted({part for part in whole | set(parts.path.split("/")) if len(part) > 3}, key=len, reverse=True)
    try:
        with Http(url, {}, secrets=tuple(secrets), now=program.now, patience=Patience(attempts=4, total=60.0)) as http:
            http.tell({"text": text})
    except SourceError as error:
        said = str(error)
        for secret in secrets:
            said = said.replace(secret, "•••")
        raise NotDelivered(said) from None
    return []
