"""By official e-mail: the document's files to the mailbox that the directory names, if they are not secret.

No status comes back this way; what says that the mail was taken is the mail server's own answer. A recall
goes as a mail as well.
"""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from handlers.contract import RetryLater
from handlers.delivery.peers import refusal
from handlers.delivery.wires import Parcel
from handlers.records.description import document_code
from service.config import MailSettings
from service.domain.dispatch_faults import fault_text
from service.domain.edxml import BUSINESS_NAMES, RECALL, Letter
from service.storage.unit_of_work import UnitOfWork

_SECONDS: Final = 60.0
_PERMANENT: Final = 500
_MOST_BYTES: Final = 20 * 1024 * 1024


class MailWire:
    """Mails a document to the partner's mailbox.

    Args:
        settings: the mail server; None = mail is not set up.
    """

    def __init__(self, settings: MailSettings | None) -> None:
        self._settings = settings

    def carry(self, unit: UnitOfWork, parcel: Parcel) -> None:
        """Mail the parcel; a status is not mailed; see :class:`~handlers.delivery.wires.Wire`."""
        settings, letter = self._settings, parcel.message
        if not isinstance(letter, Letter):
            return
        if settings is None:
            raise refusal("mail.not_set_up")
        address = parcel.receiver.email
        if not address:
            raise refusal("partner.no_mailbox", parcel.receiver.organ_id)
        if settings.domains and address.rpartition("@")[2].lower() not in settings.domains:
            raise refusal("mail.refused", "domain")
        mail = _compose(letter, parcel, settings.sender, address)
        mail["Date"] = format_datetime(unit.now)
        _hand_over(settings, mail)


def _compose(letter: Letter, parcel: Parcel, sender: str, address: str) -> EmailMessage:
    mail = EmailMessage()
    is_recall = letter.business.kind == RECALL
    word = "" if letter.business.kind == 0 else f"[{BUSINESS_NAMES[letter.business.kind][0]}] "
    code = document_code(letter.code_number, letter.code_notation)
    subject = " ".join(f"{word}{letter.type_name} {code}: {letter.subject}".split())
    mail["From"], mail["To"], mail["Subject"] = sender, address, subject
    told = hashlib.sha256(parcel.dedupe_key.encode()).hexdigest()
    mail["Message-ID"] = f"<{told[:40]}@{sender.rpartition('@')[2]}>"
    lines = [
        letter.sender.name,
        f"Số, ký hiệu: {code}",
        f"Ngày ban hành: {letter.promulgated_on:%d/%m/%Y}" if letter.promulgated_on else "",
        f"Trích yếu: {letter.subject}",
        f"Mã văn bản: {letter.document_id}",
    ]
    if is_recall:
        lines += [
            "",
            f"Văn bản này được thu hồi. Lý do: {letter.business.reason}",
            "Đề nghị quý cơ quan hủy văn bản và trả lời thư này.",
        ]
    mail.set_content("\n".join(lines), cte="base64")
    total = 0
    for file in () if is_recall else parcel.files:
        with file.open() as stream:
            content = stream.read()
        total += len(content)
        if total > _MOST_BYTES:
            raise refusal("mail.too_large")
        main, _, kind = file.note.content_type.partition("/")
        mail.add_attachment(content, maintype=main, subtype=kind or "octet-stream", filename=file.note.name)
    return mail


def _hand_over(settings: MailSettings, mail: EmailMessage) -> None:
    try:
        with smtplib.SMTP(settings.host, settings.port, timeout=_SECONDS) as server:
            if settings.uses_starttls:
                server.starttls(context=ssl.create_default_context())
            if settings.user:
                server.login(settings.user, settings.password)
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        (code, _), *_rest = error.recipients.values()
        raise _fault(code) from error
    except smtplib.SMTPResponseException as error:
        raise _fault(error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise RetryLater(fault_text("mail.unreachable", type(error).__name__)) from error


def _fault(code: int) -> Exception:
    """Return the error of an SMTP reply: 5xx is final, anything else may pass (RFC 5321 4.2.1)."""
    said = f"SMTP {code}"
    return refusal("mail.refused", said) if code >= _PERMANENT else RetryLater(fault_text("mail.busy", said))
