"""Whose a certificate is: names are not enough, disabled keys do not come back by their owner's word."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from handlers.signing.demo_authority import Holder
from service.actions.signing_keys import NewKey, disable_key
from service.domain.errors import Conflict
from service.queries.signing_keys import KEY
from service.storage.models import Account, Membership, table_of
from tests.handlers.signing.desk import draw_signature
from tests.handlers.signing.office import (
    BODY,
    CLERK,
    LEADER,
    UNIT_HEAD,
    SigningOffice,
    authority,
    png,
)

NAME, AGENCY = "Bùi Quang Huy", "Văn phòng Tỉnh ủy (mẫu)"
PERSON, OTHER, ADMIN = "cv.tonghop2", "cv.tonghop1", "quantri"
ACCOUNT = table_of(Account)
MEMBERSHIP = table_of(Membership)


def on_token(holder: Holder, **more: Any) -> NewKey:
    made, _ = authority()
    certificate, chain = (base64.b64encode(one.der()).decode() for one in (holder, made.issuer))
    return NewKey("client_token", certificate=certificate, chain=(chain,), **more)


def refusal(house: SigningOffice, login: str, new: NewKey) -> str:
    with pytest.raises(Conflict) as caught:
        house.register(login, new)
    return caught.value.code


@pytest.mark.clause("S3-18.3", "S4-8.1")
def test_a_disabled_key_comes_back_only_by_somebody_else_who_keeps_keys(
    signing_office: SigningOffice,
) -> None:
    house, (_, holders) = signing_office, authority()
    for login, new in (
        (UNIT_HEAD, on_token(holders[UNIT_HEAD])),
        (LEADER, on_token(holders[LEADER])),  # who keeps keys, but not one's own
        (CLERK, on_token(holders[BODY], issuing_body=BODY, image=png(draw_signature()))),
    ):
        for row in house.rows(KEY, KEY.c.disabled_at.is_(None)):
            house.do(ADMIN, lambda unit, key=row.id: disable_key(unit, key, "mất thiết bị"))
        assert refusal(house, login, new) == "signing_key.was_disabled"
    again = house.register(ADMIN, on_token(holders[UNIT_HEAD], owner=UNIT_HEAD))
    assert (again.owner, again.state) == (UNIT_HEAD, "usable")


@pytest.mark.clause("S3-18.3")
def test_a_certificate_of_another_organisation_is_not_ones_own_word(signing_office: SigningOffice) -> None:
    made, _ = authority()
    foreign = on_token(made.issue_person(NAME, "Công ty Sông Hồng"))
    assert refusal(signing_office, PERSON, foreign) == "certificate.other_organisation"
    seal_by_person = made.issue_person("Nguyễn Thị Lan", "Văn phòng Tỉnh ủy")
    new = on_token(seal_by_person, issuing_body="vptu")
    assert refusal(signing_office, CLERK, new) == "certificate.not_yours"


@pytest.mark.clause("S3-18.3")
def test_of_two_namesakes_each_has_the_certificate_of_their_own_identifier(
    signing_office: SigningOffice,
) -> None:
    house, (made, _) = signing_office, authority()
    with house.unit() as unit:
        twin = update(ACCOUNT).where(ACCOUNT.c.login == OTHER)
        unit.session.execute(twin.values(full_name="BÙI  Quang Huy"))
    first, second = (made.issue_person(NAME, AGENCY, number) for number in ("001", "002"))
    assert refusal(house, PERSON, on_token(first)) == "certificate.namesake"
    house.register(ADMIN, on_token(first, owner=PERSON))
    renewed, stolen = made.issue_person(NAME, AGENCY, "001"), made.issue_person(NAME, AGENCY, "001")
    assert house.register(PERSON, on_token(renewed)).owner == PERSON
    assert refusal(house, OTHER, on_token(stolen)) == "certificate.other_person"
    assert refusal(house, PERSON, on_token(second)) == "certificate.other_person"
    assert house.register(ADMIN, on_token(second, owner=OTHER)).owner == OTHER


@pytest.mark.clause("S4-5.2a")
def test_a_seal_whose_clerk_lost_the_role_since_the_consent_is_not_set(signing_office: SigningOffice) -> None:
    house = signing_office
    house.approved()
    consent = house.consent(CLERK, "seal")
    yesterday = house.clock.now().date() - timedelta(days=1)
    mine = MEMBERSHIP.c.account_id == house.office.accounts[CLERK]
    _let_end(house, mine, yesterday)
    house.hand_in("seal", CLERK, consent.id)  # the task was claimed with the role that a session still has
    assert house.refusal() == "Người đồng ý đóng dấu không còn là văn thư của cơ quan."
    assert house.entries() == []
    _let_end(house, mine, None)
    house.hand_in("seal", CLERK, consent.id)
    assert [one.act for one in house.signatures()] == ["initials", "leader", "seal"]


def _let_end(house: SigningOffice, mine: Any, on: date | None) -> None:
    with house.unit() as unit:
        unit.session.execute(update(MEMBERSHIP).where(mine).values(to_on=on))
