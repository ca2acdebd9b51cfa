"""The way of notices into mailboxes, by SMTP: subject lines only, nothing secret, no links to files.

Message-ID is made of the notices that a mail tells: a mail repeated after a lost answer is the same mail.
"""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update

from handlers.contract import RetryLater
from handlers.delivery.peers import refusal
from handlers.notices.texts import notice_text
from service.config import MailSettings
from service.domain.dispatch_faults import fault_text
from service.storage.models import Notice, NoticePreference, table_of
from service.storage.unit_of_work import UnitOfWork

_NOTICE = table_of(Notice)
_PREFERENCE = table_of(NoticePreference)

_SECONDS: Final = 15.0
_MOST_IN_ONE: Final = 100
_PERMANENT: Final = 500


class MailChannel:
    """Tells a person in one mail of every unread notice that no mail has told yet.

    Args:
        settings: the mail server.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        """Mail the account ``destination``; with nothing new or no wish for mail, nothing is sent.

        Raises:
            RetryLater: the mail server does not take it now.
            PolicyRefusal: it never will.
        """
        del payload, dedupe_key
        account_id = UUID(destination)
        wish = unit.session.execute(select(_PREFERENCE).where(_PREFERENCE.c.account_id == account_id)).first()
        if wish is None or wish.mail == "none" or not wish.address:
            return
        domains = self._settings.domains
        if domains and wish.address.rpartition("@")[2].lower() not in domains:
            raise refusal("mail.refused", "domain")
        fresh = (
            select(_NOTICE)
            .where(
                _NOTICE.c.account_id == account_id,
                _NOTICE.c.mailed_at.is_(None),
                _NOTICE.c.read_at.is_(None),
            )
            .order_by(_NOTICE.c.id)
            .limit(_MOST_IN_ONE)
            .with_for_update()
        )
        notices = unit.session.execute(fresh).all()
        if not notices:
            return
        self._hand_over(self._compose(unit, wish, notices))
        told = [row.id for row in notices]
        unit.session.execute(update(_NOTICE).where(_NOTICE.c.id.in_(told)).values(mailed_at=unit.now))

    def _compose(self, unit: UnitOfWork, wish: Row[Any], notices: Sequence[Row[Any]]) -> EmailMessage:
        texts = [notice_text(row.kind, row.parameters, wish.language) for row in notices]
        footer = notice_text("footer", {}, wish.language).body
        if len(texts) == 1:
            subject, lines = texts[0].subject, [texts[0].body]
        else:
            head = notice_text("digest", {"count": len(texts)}, wish.language)
            subject, lines = head.subject, [head.body, "", *(f"- {text.subject}" for text in texts)]
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._settings.sender, wish.address, subject
        mail["Date"] = format_datetime(unit.now)
        told = hashlib.sha256(b"".join(row.id.bytes for row in notices)).hexdigest()
        mail["Message-ID"] = f"<{told[:40]}@{self._settings.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        place = [self._settings.public_url] if self._settings.public_url else []
        mail.set_content("\n".join([*lines, "", footer, *place]), cte="base64")
        return mail

    def _hand_over(self, mail: EmailMessage) -> None:
        settings = self._settings
        try:
            with smtplib.SMTP(settings.host, settings.port, timeout=_SECONDS) as server:
                if settings.uses_starttls:
                    server.starttls(context=ssl.create_default_context())
                if settings.user:
                    server.login(settings.user, settings.password)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            (code, _), *_rest = error.recipients.values()
            raise self._fault(code) from error
        except smtplib.SMTPResponseException as error:
            raise self._fault(error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise RetryLater(fault_text("mail.unreachable", type(error).__name__)) from error

    @staticmethod
    def _fault(code: int) -> Exception:
        """Return the error of an SMTP reply: 5xx is final, anything else may pass (RFC 5321 4.2.1)."""
        said = f"SMTP {code}"
        return (
            refusal("mail.refused", said) if code >= _PERMANENT else RetryLater(fault_text("mail.busy", said))
        )
