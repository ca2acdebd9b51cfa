"""Notices reach the people whom a reference names today: in the house, by mail as they wish, by webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from sqlalchemy import select

from handlers.notices.texts import LANGUAGES, known_kinds, notice_text
from service.actions.accounts import disable_account
from service.actions.notices import change_preference, mark_all_read
from service.bootstrap import build
from service.config import MailSettings, WebhookSettings
from service.domain.notice_times import MailTimes, mail_time
from service.queries.notices import list_notices
from service.storage.models import Notice, Outbox, table_of
from service.worker import rounds
from tests.handlers.delivery.peer import running_peer
from tests.handlers.notices.mailbox import running_mailbox

NOTICE = table_of(Notice)
OUTBOX = table_of(Outbox)
HEAD, SPECIALIST, COLLEAGUE = "tp.tonghop", "cv.tonghop1", "cv.tonghop2"
ADDRESS = "mai@tinhuy.example.vn"
EACH = {"mail": "each", "address": ADDRESS, "language": "vi"} | {"digest_at": time(7, 30)}
EACH |= {"quiet_from": None, "quiet_to": None}


@pytest.fixture
def mailbox():
    with running_mailbox() as running:
        yield running


@pytest.fixture
def house(settings, clock, office, mailbox):
    """A house with a mail server, and what tests do with it."""
    mail = MailSettings("127.0.0.1", mailbox.port, "congvan@tinhuy.example.vn", uses_starttls=False)
    runtime = build(replace(settings, mail=mail), clock)
    yield Telling(runtime, office, clock)
    runtime.close()


class Telling:
    def __init__(self, runtime, office, clock):
        self.runtime, self.office, self.clock = runtime, office, clock

    def unit(self, login=None):
        actor = self.office.actor_for(login) if login else self.office.system
        return self.runtime.database.unit_of_work(actor)

    def tell(self, reference, key="k", kind="for_information", **payload):
        with self.unit() as unit:
            body = {"kind": kind, "subject": "Kế hoạch 12", "urgency": "normal"} | payload
            unit.send("notice", reference, body, key)
        self.send()

    def send(self):
        while rounds.send_outbox(self.runtime):
            pass

    def wish(self, login=SPECIALIST, **changes):
        with self.unit(login) as unit:
            change_preference(unit, EACH | changes)

    def told(self):
        with self.unit() as unit:
            found = set(unit.session.execute(select(NOTICE.c.account_id)).scalars())
        return sorted(login for login, account in self.office.accounts.items() if account in found)

    def page(self, login=SPECIALIST, **options):
        with self.unit(login) as unit:
            return list_notices(unit, **options)

    def rows(self, channel):
        with self.unit() as unit:
            return unit.session.execute(select(OUTBOX).where(OUTBOX.c.channel == channel)).all()


@pytest.mark.parametrize(
    ("reference", "logins"),
    [
        ("user:cv.tonghop1", [SPECIALIST]),
        ("role:specialist@unit:tong_hop", [SPECIALIST, COLLEAGUE]),
        ("role:unit_head@unit:tong_hop", [HEAD]),
        ("unit:tong_hop", [SPECIALIST, COLLEAGUE, HEAD, "vt.tonghop"]),
        ("role:clerk", ["vanthu", "vanthu2"]),
    ],
)
def test_a_reference_reaches_who_matches_it_today(house, reference, logins):
    house.tell(reference)
    assert house.told() == sorted(logins)


def test_a_disabled_account_is_told_nothing(house):
    with house.unit("quantri") as unit:
        disable_account(unit, COLLEAGUE)
    house.tell("role:specialist@unit:tong_hop")
    assert house.told() == [SPECIALIST]


@pytest.mark.parametrize("reference", ["user:nobody", "role:judge", "unit:moon", "nonsense"])
def test_a_reference_that_names_nobody_fails_where_it_is_seen(house, reference):
    house.tell(reference)
    (row,) = house.rows("notice")
    assert (row.state, row.last_error) == ("failed", f"notice.no_receiver: {reference}")


def test_a_notice_stays_one_when_its_sending_is_repeated(house):
    house.tell("unit:tong_hop")
    with house.unit() as unit:
        house.runtime.channels["notice"].send(unit, "unit:tong_hop", {"kind": "recalled"}, "k")
    assert len(house.page().items) == 1


def test_unread_come_first_and_pages_follow_each_other(house):
    for number in range(3):
        house.tell(f"user:{SPECIALIST}", f"old:{number}", subject=f"cũ {number}")
    with house.unit(SPECIALIST) as unit:
        assert mark_all_read(unit) == 3
    for number in range(2):
        house.tell(f"user:{SPECIALIST}", f"new:{number}", subject=f"mới {number}")
    seen, cursor = [], None
    while True:
        page = house.page(cursor=cursor, limit=2)
        assert page.counts == {"unread": 2}
        seen += [item.parameters["subject"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["mới 1", "mới 0", "cũ 2", "cũ 1", "cũ 0"]


def test_every_text_is_whole_in_both_languages():
    for kind in known_kinds() | {"something new"}:
        for language in LANGUAGES:
            text = notice_text(kind, {"subject": "S", "by": "B"}, language)
            assert text.subject
            assert text.body
            assert "$" not in text.subject + text.body


def test_a_value_is_never_read_as_a_template_or_a_header():
    text = notice_text("recalled", {"subject": "$by\r\nBcc: x@y"}, "en")
    assert text.subject == "Recalled: $by Bcc: x@y"


def test_without_a_wish_no_mail_is_sent(house, mailbox):
    house.tell(f"user:{SPECIALIST}")
    assert house.rows("mail") == []
    assert mailbox.mails == []


def test_who_wants_mail_gets_one_without_notes_links_or_secrets(house, mailbox):
    house.wish()
    house.tell(
        f"user:{SPECIALIST}", note="xem tệp http://files/secret", document_id=str(house.office.agency_id)
    )
    (mail,) = mailbox.mails
    assert mail["To"] == ADDRESS
    assert mail["Subject"] == "Gửi để biết: Kế hoạch 12"
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_content()
    assert "Kế hoạch 12" in body
    assert "http" not in body
    assert str(house.office.agency_id) not in body


def test_a_mail_that_is_not_taken_now_goes_again_as_the_same_mail(house, mailbox):
    house.wish()
    mailbox.replies.append("451 later")
    house.tell(f"user:{SPECIALIST}")
    (row,) = house.rows("mail")
    assert (row.state, row.last_error, mailbox.mails) == ("pending", "mail.busy: SMTP 451", [])
    house.clock.set(row.due_at)
    house.send()
    assert len(mailbox.mails) == 1
    assert [row.state for row in house.rows("mail")] == ["sent"]


def test_a_mail_that_is_refused_fails_and_the_notice_stays(house, mailbox):
    house.wish()
    mailbox.replies.append("550 no such mailbox")
    house.tell(f"user:{SPECIALIST}")
    (row,) = house.rows("mail")
    assert (row.state, row.last_error) == ("failed", "mail.refused: SMTP 550")
    assert len(house.page().items) == 1


def test_nothing_is_sent_in_clear_where_encryption_is_asked_for(settings, clock, office, mailbox):
    mail = MailSettings("127.0.0.1", mailbox.port, "congvan@tinhuy.example.vn")
    runtime = build(replace(settings, mail=mail), clock)
    house = Telling(runtime, office, clock)
    house.wish()
    house.tell(f"user:{SPECIALIST}")
    runtime.close()
    assert mailbox.mails == []
    assert [row.state for row in house.rows("mail")] == ["pending"]


def test_a_digest_tells_all_that_is_new_in_one_mail_next_morning(house, mailbox):
    house.wish(mail="digest")
    for number in range(3):
        house.tell(f"user:{SPECIALIST}", f"k{number}", subject=f"Việc {number}")
    assert mailbox.mails == []
    house.clock.set(datetime(2026, 3, 3, 0, 30, tzinfo=UTC))
    house.send()
    (mail,) = mailbox.mails
    assert mail["Subject"] == "Công Văn: 3 thông báo mới"
    assert [f"Việc {number}" in mail.get_content() for number in range(3)] == [True] * 3


def test_what_was_read_in_the_house_is_not_mailed(house, mailbox):
    house.wish(mail="digest")
    house.tell(f"user:{SPECIALIST}")
    with house.unit(SPECIALIST) as unit:
        mark_all_read(unit)
    house.clock.set(datetime(2026, 3, 3, 0, 30, tzinfo=UTC))
    house.send()
    assert mailbox.mails == []


def at(hour, minute=0, day=2):
    """An instant of March 2026, in local time of the office."""
    return datetime.fromisoformat(f"2026-03-{day:02}T{hour:02}:{minute:02}:00+07:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("times", "now", "urgency", "goes"),
    [
        (MailTimes("none"), at(9), "flash", None),
        (MailTimes("each"), at(9), "normal", at(9)),
        (MailTimes("digest"), at(7, 29), "normal", at(7, 30)),
        (MailTimes("digest"), at(7, 30), "normal", at(7, 30, 3)),
        (MailTimes("digest"), at(9), "very_urgent", at(9)),
        (MailTimes("each", quiet_from=time(20), quiet_to=time(6)), at(21), "normal", at(6, 0, 3)),
        (MailTimes("each", quiet_from=time(20), quiet_to=time(6)), at(5, 59), "urgent", at(6)),
        (MailTimes("each", quiet_from=time(20), quiet_to=time(6)), at(6), "normal", at(6)),
        (MailTimes("each", quiet_from=time(20), quiet_to=time(6)), at(21), "flash", at(21)),
        (MailTimes("each", quiet_from=time(12), quiet_to=time(13)), at(12, 30), "normal", at(13)),
        (MailTimes("each", quiet_from=time(12), quiet_to=time(12)), at(12), "normal", at(12)),
        (MailTimes("digest", time(5), time(20), time(6)), at(9), "normal", at(6, 0, 3)),
    ],
)
def test_mail_goes_when_its_receiver_wants_it(times, now, urgency, goes):
    assert mail_time(now, times, urgency) == goes


def test_a_program_is_told_that_there_is_a_notice_under_a_signature(settings, clock, office):
    with running_peer() as peer:
        webhook = WebhookSettings(peer.address, "khóa")
        runtime = build(replace(settings, webhook=webhook), clock)
        Telling(runtime, office, clock).tell("role:specialist@unit:tong_hop", note="riêng")
        runtime.close()
        ((key, message),) = peer.calls
        assert key == "webhook:k"
        assert message["receivers"] == [SPECIALIST, COLLEAGUE]
        assert "Kế hoạch" not in json.dumps(message, ensure_ascii=False)
        body = json.dumps(message, ensure_ascii=False).encode()
        signed = hmac.new("khóa".encode(), body, hashlib.sha256).hexdigest()
        assert peer.headers[0]["x-congvan-signature"] == f"sha256={signed}"
