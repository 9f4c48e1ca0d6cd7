"""Sends mail by SMTP; who it is to is one address, and nothing that people wrote gets into a header."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib

from placet_approval.domain.waiting_mail import WaitingMail
from placet_approval.ports import MailRefused
from placet_shared.errors import Unavailable

__all__ = ["SmtpMail"]

SECONDS = 10.0
# What browsers take for an address: no list, no quotes, no name beside it (HTML, section 4.10.5.1.5).
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
PORTS = {"smtp": 587, "smtps": 465}


class SmtpMail:
    """`url` is `smtp://user:password@host:587` or `smtps://…`, with TLS from the beginning.

    Without it STARTTLS is used where the server offers it, and demanded where there is a password to send.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "localhost", parts.port or PORTS.get(parts.scheme, 587)
        self._tls = parts.scheme == "smtps"
        self._user, self._password = (unquote(part) if part else None for part in (parts.username, parts.password))
        self._sender = sender

    async def send(self, to: str, mail: WaitingMail) -> None:
        """Raises `MailRefused` for this receiver alone, and `Unavailable` when the server can't be used."""
        message = self._message(to, mail)
        try:
            await aiosmtplib.send(
                message,
                sender=self._sender,
                recipients=[to],
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=True if self._user and not self._tls else None,
                timeout=SECONDS,
            )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError) as error:
            raise MailRefused(f"the mail server refuses it: {type(error).__name__}") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise Unavailable(f"the mail server can't be used: {type(error).__name__}", code="mail_server_unavailable") from error

    def _message(self, to: str, mail: WaitingMail) -> EmailMessage:
        """Raises `MailRefused` for what is not one plain address."""
        if not PLAIN_ADDRESS.fullmatch(to):
            raise MailRefused("its address is none that mail can be sent to")
        message = EmailMessage()
        message["To"] = to
        message["From"] = self._sender
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain="placet")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body)
        return message
