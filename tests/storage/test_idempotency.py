"""Kept answers: the same key and request give the same answer, whatever happens at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from service.domain.clock import ManualClock
from service.domain.errors import Conflict
from service.storage import idempotency
from service.storage.database import Database
from service.storage.idempotency import KeptAnswer
from tests.factories import Office

BODY, OTHER_BODY = b"b" * 32, b"o" * 32


def _once(database: Database, office: Office, login: str = "vanthu", body: bytes = BODY) -> KeptAnswer | None:
    with database.unit_of_work(office.actor_for(login)) as unit:
        kept = idempotency.begin(unit, "key", body)
        if kept is None:
            idempotency.finish(unit, "key", 201, b"made")
        return kept


def test_a_repeated_request_gets_the_kept_answer(database: Database, office: Office) -> None:
    assert _once(database, office) is None
    assert _once(database, office) == KeptAnswer(201, b"made")


def test_a_key_belongs_to_the_person_who_sent_it(database: Database, office: Office) -> None:
    assert _once(database, office) is None
    assert _once(database, office, "vanthu2") is None


def test_a_key_with_another_request_is_refused(database: Database, office: Office) -> None:
    _once(database, office)
    with pytest.raises(Conflict, match="key_reused"):
        _once(database, office, body=OTHER_BODY)


def test_a_request_that_failed_keeps_nothing(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        assert idempotency.begin(unit, "key", BODY) is None
        unit.session.rollback()
    assert _once(database, office) is None


@pytest.mark.parametrize("first_fails", [False, True])
def test_a_second_request_waits_for_the_first_and_follows_its_outcome(
    database: Database, owner: Database, office: Office, first_fails: bool
) -> None:
    with ThreadPoolExecutor(1) as pool:
        second: Future[KeptAnswer | None]
        try:
            with database.unit_of_work(office.actor_for("vanthu")) as unit:
                idempotency.begin(unit, "key", BODY)
                second = pool.submit(_once, database, office)
                _wait_until_somebody_waits(owner)
                assert not second.done()
                idempotency.finish(unit, "key", 201, b"first")
                _fail(is_due=first_fails)
        except InterruptedError:
            pass
        assert second.result() == (None if first_fails else KeptAnswer(201, b"first"))


def _fail(*, is_due: bool) -> None:
    if is_due:
        raise InterruptedError


def _wait_until_somebody_waits(owner: Database) -> None:
    """Ask the database until a session waits for a lock; it answers at its own pace, so no pause is needed."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = threading.Event()
    timer = threading.Timer(10, deadline.set)
    timer.start()
    while not deadline.is_set():
        with owner.session() as session:
            if session.execute(waiting).scalar_one():
                timer.cancel()
                return
    pytest.fail("nobody waits")


def test_the_system_has_keys_of_its_own(database: Database, office: Office) -> None:
    with database.unit_of_work(office.system) as unit:
        assert idempotency.begin(unit, "packet-1", BODY) is None
        idempotency.finish(unit, "packet-1", 200, b"taken")
    with database.unit_of_work(office.system) as unit:
        assert idempotency.begin(unit, "packet-1", BODY) == KeptAnswer(200, b"taken")


def test_keys_are_forgotten_after_a_week(database: Database, office: Office, clock: ManualClock) -> None:
    _once(database, office)
    with database.session() as session:
        assert session.execute(text("SELECT sweep_expired(:now)"), {"now": clock.now()}).scalar() == 0
    clock.advance(timedelta(days=8))
    with database.session() as session:
        assert session.execute(text("SELECT sweep_expired(:now)"), {"now": clock.now()}).scalar() == 1
    assert _once(database, office) is None
