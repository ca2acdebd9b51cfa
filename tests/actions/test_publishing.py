"""Making a document public and taking that back: by those authorised, through the content policy (S0-5.3, D15)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.actions import documents, publishing
from service.bootstrap import build
from service.domain.content_policy import EXCLUDED_CATEGORIES
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, PolicyRefusal
from service.queries.documents import DocumentFilter, list_documents
from tests.processes.conftest import desk
from tests.processes.desk import CHECKED, CLERK, CONFIRMED, LEADER, SPECIALIST, Desk

__all__ = ["desk"]

READER = "cv.coyeu1"


def _publish(desk: Desk, login: str = CLERK):
    actor = replace(desk.office.actor_for(login), stepped_up_at=desk.clock.now())
    with desk.runtime.database.unit_of_work(actor) as unit:
        return publishing.publish_document(unit, desk.document_id)


def _withdraw(desk: Desk, reason: str = "Còn nội dung cần chỉnh", login: str = CLERK):
    return desk.do(login, lambda unit: publishing.withdraw_publication(unit, desk.document_id, reason))


def _sees(desk: Desk, login: str = READER) -> bool:
    return bool(desk.do(login, lambda unit: list_documents(unit, DocumentFilter())).items)


@pytest.mark.clause("S0-5.3", "S0-4.2")
def test_a_published_document_is_read_by_everyone_until_it_is_withdrawn_and_both_are_logged(
    desk: Desk,
) -> None:
    desk.enter()
    assert not _sees(desk)
    assert _publish(desk).is_public
    assert _sees(desk)
    assert desk.do(READER, lambda unit: documents.read_document(unit, desk.document_id)).files
    assert not _withdraw(desk, login=LEADER).is_public
    assert not _sees(desk)
    lines = [(line["kind"], line["by"]) for line in desk.document().trace][-2:]
    assert lines == [("published", CLERK), ("publication_withdrawn", LEADER)]
    assert [event.actor_id for event in desk.audit("document.published")] == [desk.office.accounts[CLERK]]
    (event,) = desk.audit("document.publication_withdrawn")
    assert event.details == {"reason": "Còn nội dung cần chỉnh"}


def test_publishing_needs_a_second_factor_proved_a_moment_ago(desk: Desk) -> None:
    desk.enter()
    with pytest.raises(Forbidden) as caught:
        desk.do(CLERK, lambda unit: publishing.publish_document(unit, desk.document_id))
    assert caught.value.code.startswith("step_up.")
    assert not _sees(desk)
    assert _publish(desk).is_public


def test_publishing_twice_publishes_once_and_withdrawing_twice_is_told(desk: Desk) -> None:
    desk.enter()
    _publish(desk)
    _publish(desk)
    assert len(desk.trace("published")) == 1
    _withdraw(desk)
    with pytest.raises(Conflict):
        _withdraw(desk)
    _publish(desk)
    with pytest.raises(InvalidInput):
        _withdraw(desk, reason=" ")


def test_only_those_authorised_publish_and_strangers_learn_nothing(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    with pytest.raises(Forbidden):
        _publish(desk, SPECIALIST)
    for stranger in (READER, "quantri", "giamsat"):
        with pytest.raises(NotFound):
            _publish(desk, stranger)
    _publish(desk)
    with pytest.raises(Forbidden):
        _withdraw(desk, login=READER)


@pytest.mark.clause("S0-5.3")
def test_a_secret_document_is_never_made_public(settings, office, clock) -> None:
    runtime = build(replace(settings, zone="wan", has_cipher=True), clock)
    desk = Desk(runtime, office, clock)
    desk.deploy_bundle()
    desk.enter(secrecy="confidential")
    with pytest.raises(PolicyRefusal) as refused:
        _publish(desk)
    assert refused.value.code == "document.secret_not_public"
    assert not desk.document().is_public
    runtime.close()


@pytest.mark.parametrize("category", sorted(EXCLUDED_CATEGORIES.keys() - {"petition", "harmful"}))
def test_what_is_not_exchanged_is_not_made_public_either(desk: Desk, category: str) -> None:
    desk.enter(category=category)
    with pytest.raises(PolicyRefusal) as refused:
        _publish(desk)
    assert refused.value.extra["clause"] == EXCLUDED_CATEGORIES[category]


def test_a_recalled_document_is_not_made_public(desk: Desk) -> None:
    desk.receive()
    desk.finish("check_document", CHECKED)
    desk.finish("confirm_metadata", CONFIRMED)
    desk.recall()
    with pytest.raises(Conflict):
        _publish(desk)
