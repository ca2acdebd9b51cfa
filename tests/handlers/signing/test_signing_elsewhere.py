"""Signatures made elsewhere: a token in the person's hand, a remote service, a device of the issuing body."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from handlers.signing.keys import read_certificate
from handlers.signing.remote import RemoteProof, RemoteSigner
from handlers.signing.two_phase import PreparedSignature
from service.actions import spills
from service.actions.signing import SignatureGiven
from service.actions.signing_keys import NewKey, disable_key
from service.domain.errors import CongVanError, Unavailable
from service.queries.clearance import SPILL_FILE
from service.queries.signing_keys import KEY
from service.storage.models import SigningConsent, table_of
from service.worker import rounds
from tests.handlers.signing.desk import draw_signature, page_text, pdfsig, running_service, time_stamping
from tests.handlers.signing.office import (
    BODY,
    BODY_TOKEN,
    CLERK,
    LEADER,
    UNIT_HEAD,
    UNIT_HEAD_TOKEN,
    SigningOffice,
    authority,
    judge,
    png,
    unlocked,
)
from tests.handlers.signing.remote_service import (
    CREDENTIAL,
    PIN,
    TOKEN,
    RemoteService,
    running_remote_service,
)

CONSENT = table_of(SigningConsent)


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(CongVanError) as caught:
        act()
    return caught.value.code


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def move_key(house: SigningOffice, login: str, new: NewKey) -> None:
    """Let a person's, or a body's, key be another kind of key, with a certificate of its own."""
    accounts = house.office.accounts
    owner = (
        KEY.c.issuing_body_id == house.office.bodies[BODY]
        if new.issuing_body
        else (KEY.c.account_id == accounts[login])
    )
    (row,) = house.rows(KEY, owner, KEY.c.disabled_at.is_(None))
    house.do(login, lambda unit: disable_key(unit, row.id, "đổi cách ký"))
    house.register(login, new)


def given_certificate(name: str, **more: Any) -> dict[str, Any]:
    made, holders = authority()
    der, chain = text_of(holders[name].der()), (text_of(made.issuer.der()),)
    return {"certificate": der, "chain": chain, "image": png(draw_signature()), **more}


@pytest.fixture
def with_token(signing_office: SigningOffice) -> SigningOffice:
    """The unit head and the body's clerk sign on tokens of their own."""
    move_key(signing_office, UNIT_HEAD, NewKey("client_token", **given_certificate(UNIT_HEAD_TOKEN)))
    move_key(
        signing_office, CLERK, NewKey("client_token", issuing_body=BODY, **given_certificate(BODY_TOKEN))
    )
    return signing_office


@pytest.fixture
def remote(signing_office: SigningOffice) -> Iterator[RemoteService]:
    """The unit head's key at a remote service."""
    _, holders = authority()
    given = given_certificate(UNIT_HEAD_TOKEN, reference=CREDENTIAL)
    move_key(signing_office, UNIT_HEAD, NewKey("csc", **given))
    with running_remote_service(holders[UNIT_HEAD_TOKEN]) as service:
        signing_office.with_signing(remote_url=service.address)
        yield service


def sign_on_token(house: SigningOffice, login: str, act: str, name: str) -> Any:
    consent = house.consent(login, act, method="client_token")
    assert consent.attributes is not None
    assert not consent.is_ready
    signature = unlocked(name).sign(base64.b64decode(consent.attributes))
    return house.give(login, consent.id, SignatureGiven(signature))


def test_a_token_signs_what_it_is_given_and_the_process_takes_it_over(
    with_token: SigningOffice, tmp_path: Path
) -> None:
    house = with_token
    done = sign_on_token(house, UNIT_HEAD, "initials", UNIT_HEAD_TOKEN)
    assert done.is_ready
    house.hand_in("initial", UNIT_HEAD, done.id)
    assert [one.act for one in house.signatures()] == ["initials"]
    trust = house.resources.signing.trust_dir
    assert trust is not None
    assert judge(house.content(), tmp_path, trust)["verdict"] == "valid"
    assert list(pdfsig(house.content(), tmp_path)) == ["initials_1"]


def test_a_seal_on_a_token_has_its_number_reserved_and_written(
    with_token: SigningOffice, tmp_path: Path
) -> None:
    house = with_token
    house.hand_in("initial", UNIT_HEAD, sign_on_token(house, UNIT_HEAD, "initials", UNIT_HEAD_TOKEN).id)
    house.hand_in("approve", LEADER, house.consent(LEADER, "leader").id)
    prepared = house.consent(CLERK, "seal", method="client_token")
    assert (prepared.what.number, prepared.what.number_state) == ("01-TB/TU", "reserved")
    assert [entry.state for entry in house.entries()] == ["reserved"]
    done = sign_on_token(house, CLERK, "seal", BODY_TOKEN)
    assert len(house.entries()) == 1
    house.hand_in("seal", CLERK, done.id)
    assert [(entry.number, entry.state) for entry in house.entries()] == [(1, "registered")]
    assert "01" in page_text(house.content(), tmp_path).split()
    assert house.document().code_number == "01"


def test_without_its_signature_a_token_consent_signs_nothing(with_token: SigningOffice) -> None:
    house = with_token
    consent = house.consent(UNIT_HEAD, "initials", method="client_token")
    house.hand_in("initial", UNIT_HEAD, consent.id)
    assert house.waits_at(house.instance_id) == ["initial"]


def test_a_signature_by_another_key_or_over_something_else_is_refused(with_token: SigningOffice) -> None:
    house = with_token
    consent = house.consent(UNIT_HEAD, "initials", method="client_token")
    assert consent.attributes is not None
    attributes = base64.b64decode(consent.attributes)
    for signature in (unlocked(LEADER).sign(attributes), unlocked(UNIT_HEAD_TOKEN).sign(b"else"), b"garbage"):
        given = SignatureGiven(signature)
        assert refused(lambda given=given: house.give(UNIT_HEAD, consent.id, given)) == "signature.wrong"
    assert refused(lambda: house.give(UNIT_HEAD, consent.id, SignatureGiven())) == "signature.missing"


def test_a_signature_comes_back_once_in_time_and_from_its_person(with_token: SigningOffice) -> None:
    house = with_token
    consent = house.consent(UNIT_HEAD, "initials", method="client_token")
    assert consent.attributes is not None
    given = SignatureGiven(unlocked(UNIT_HEAD_TOKEN).sign(base64.b64decode(consent.attributes)))
    assert refused(lambda: house.give(LEADER, consent.id, given)) in {"consent.foreign", "document.not_found"}
    house.give(UNIT_HEAD, consent.id, given)
    assert refused(lambda: house.give(UNIT_HEAD, consent.id, given)) == "consent.not_waiting"
    late = house.consent(UNIT_HEAD, "initials", method="client_token")
    house.advance(minutes=10, seconds=1)
    assert refused(lambda: house.give(UNIT_HEAD, late.id, given)) == "consent.expired"


def test_a_certificate_that_is_not_registered_for_the_signer_is_refused(with_token: SigningOffice) -> None:
    options = {"method": "client_token", "fingerprint": "0" * 64}
    assert refused(lambda: with_token.consent(UNIT_HEAD, "initials", **options)) == (
        "certificate.not_registered"
    )


def test_a_stored_key_has_nothing_to_give_back(signing_office: SigningOffice) -> None:
    consent = signing_office.consent(UNIT_HEAD, "initials")
    assert consent.is_ready
    assert (consent.attributes, consent.digest) == (None, None)
    assert refused(lambda: signing_office.give(UNIT_HEAD, consent.id, SignatureGiven(b"x"))) == (
        "consent.not_waiting"
    )


def ask_remote(house: SigningOffice, consent_id: Any, **changes: str) -> Any:
    proof = RemoteProof(**{"access_token": TOKEN, "pin": PIN, **changes})
    return house.give(UNIT_HEAD, consent_id, SignatureGiven(proof=proof))


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_remote_service_signs_one_digest_after_the_person_proved_themselves(
    signing_office: SigningOffice, remote: RemoteService, tmp_path: Path, version: str
) -> None:
    house = signing_office
    house.with_signing(remote_url=remote.address.replace("v1", version))
    consent = house.consent(UNIT_HEAD, "initials", method="csc")
    done = ask_remote(house, consent.id)
    assert done.is_ready
    methods = [method for method, _ in remote.asked]
    assert methods == ["credentials/info", "credentials/authorize", "signatures/signHash"]
    house.hand_in("initial", UNIT_HEAD, done.id)
    trust = house.resources.signing.trust_dir
    assert trust is not None
    assert judge(house.content(), tmp_path, trust)["verdict"] == "valid"


def test_what_a_person_proves_themselves_with_is_kept_nowhere(
    signing_office: SigningOffice, remote: RemoteService
) -> None:
    house = signing_office
    proof = RemoteProof(TOKEN, PIN)
    assert TOKEN not in repr(proof) + repr(SignatureGiven(proof=proof))
    assert PIN not in repr(proof)
    ask_remote(house, house.consent(UNIT_HEAD, "initials", method="csc").id)
    kept = repr(house.rows(CONSENT)) + repr(house.audit("signing_consent.signature"))
    assert TOKEN not in kept
    assert PIN not in kept


@pytest.mark.parametrize("changes", [{"pin": "000000"}, {"access_token": "stolen"}])
def test_a_wrong_pin_or_token_signs_nothing_and_may_be_tried_again(
    signing_office: SigningOffice, remote: RemoteService, changes: dict[str, str]
) -> None:
    house = signing_office
    consent = house.consent(UNIT_HEAD, "initials", method="csc")
    assert refused(lambda: ask_remote(house, consent.id, **changes)) == "remote.denied"
    assert not any(method == "signatures/signHash" for method, _ in remote.asked)
    assert ask_remote(house, consent.id).is_ready


def test_an_authorisation_that_has_run_out_is_refused(
    signing_office: SigningOffice, remote: RemoteService
) -> None:
    consent = signing_office.consent(UNIT_HEAD, "initials", method="csc")
    remote.is_expired = True
    assert refused(lambda: ask_remote(signing_office, consent.id)) == "remote.denied"


def test_a_credential_with_another_certificate_is_not_asked_to_sign(
    signing_office: SigningOffice, remote: RemoteService
) -> None:
    consent = signing_office.consent(UNIT_HEAD, "initials", method="csc")
    remote.given = authority()[1][LEADER].der()
    assert refused(lambda: ask_remote(signing_office, consent.id)) == "certificate.not_registered"
    assert [method for method, _ in remote.asked] == ["credentials/info"]


def test_a_silent_service_is_given_up(signing_office: SigningOffice, remote: RemoteService) -> None:
    consent = signing_office.consent(UNIT_HEAD, "initials", method="csc")
    (row,) = signing_office.rows(CONSENT, CONSENT.c.id == consent.id)
    state = PreparedSignature.from_json(row.prepared["state"])
    remote.is_silent = True
    signer = RemoteSigner(remote.address, RemoteProof(TOKEN, PIN), wait=timedelta(seconds=0.3))
    with pytest.raises(Unavailable) as caught:
        signer.sign(CREDENTIAL, state)
    assert caught.value.code == "remote.unavailable"


HOSTILE: tuple[bytes, ...] = (
    b"[]",
    b'"x"',
    b"null",
    b"17",
    b"[" * 100_000,
    b"\xff\xfe",
    b'{"cert": []}',
    b'{"cert": "x"}',
    b'{"cert": {"certificates": {"0": "x"}}}',
    b'{"cert": {"certificates": "QUJD"}}',
    b'{"cert": {"certificates": [null]}}',
    b'{"cert": {"certificates": [["QUJD"]]}}',
    b'{"cert": {"certificates": [{}]}}',
    b'{"cert": {"certificates": []}}',
    b'{"cert": {"certificates": [7]}}',
    b"{}",
)
"""What a service may answer about a credential that is JSON of another shape, or none."""


@pytest.mark.parametrize("method", ["credentials/info", "credentials/authorize", "signatures/signHash"])
def test_an_answer_of_another_shape_is_told_as_a_wrong_answer_of_the_service(method: str) -> None:
    _, holders = authority()
    certificate = read_certificate(holders[UNIT_HEAD].der())
    prepared: Any = SimpleNamespace(certificate=certificate, digest=b"d" * 32)
    shapes = (*HOSTILE, b'{"SAD": {}}', b'{"SAD": ""}', b'{"signatures": {}}', b'{"signatures": [{}]}')
    shapes += (b'{"signatures": "QUJD"}', b'{"signatures": [null]}', b'{"signatures": ["QUJD", "QUJD"]}')
    with running_remote_service(holders[UNIT_HEAD]) as service:
        for shape in shapes:
            service.spoilt = {method: shape}
            signer = RemoteSigner(service.address, RemoteProof(TOKEN, PIN))
            assert refused(lambda signer=signer: signer.sign(CREDENTIAL, prepared)) == "remote.unavailable"


def test_without_a_configured_service_there_is_no_remote_signature(
    signing_office: SigningOffice, remote: RemoteService
) -> None:
    consent = signing_office.consent(UNIT_HEAD, "initials", method="csc")
    signing_office.with_signing(remote_url="")
    assert refused(lambda: ask_remote(signing_office, consent.id)) == "remote.no_service"


def test_signatures_carry_a_trusted_time_where_a_service_is_configured(
    signing_office: SigningOffice, tmp_path: Path
) -> None:
    house = signing_office
    with running_service(stamping(house)) as address:
        house.with_signing(timestamp_url=address)
        house.approved()
        assert {one.level for one in house.signatures()} == {"B-T"}
        house.hand_in("seal", CLERK, house.consent(CLERK, "seal").id)
        house.run_jobs()
    assert {one.level for one in house.signatures()} == {"B-LTA"}
    trust = house.resources.signing.trust_dir
    assert trust is not None
    report = judge(house.content(), tmp_path, trust)
    assert (report["verdict"], len(report["timestamps"])) == ("valid", 1)


def test_a_time_stamping_service_that_is_down_refuses_the_seal_and_takes_no_number(
    signing_office: SigningOffice,
) -> None:
    house = signing_office
    house.approved()
    with running_service(lambda _: (500, "text/plain", b"no")) as address:
        house.with_signing(timestamp_url=address)
        house.hand_in("seal", CLERK, house.consent(CLERK, "seal").id)
    assert house.waits_at(house.instance_id) == ["seal"]
    assert house.entries() == []


def stamping(house: SigningOffice) -> Any:
    """Return the answers of a time-stamping service of this authority, its clock at the house's."""
    made, holders = authority()
    keys = SimpleNamespace(authority=made, holders=holders)
    return time_stamping(keys, house.clock.now())  # type: ignore[arg-type] # has what is read


@pytest.mark.clause("S0-4.4")
def test_a_spill_takes_what_was_written_for_a_signature_made_elsewhere(with_token: SigningOffice) -> None:
    house = with_token
    sign_on_token(house, UNIT_HEAD, "initials", UNIT_HEAD_TOKEN)
    (consent,) = house.rows(CONSENT)
    written = [bytes.fromhex(consent.prepared["file_sha256"]), bytes(consent.completed_sha256)]
    paths = [house.runtime.blobs.path_of(one) for one in (*written, bytes(house.main_file().sha256))]
    assert all(path.exists() for path in paths)
    spill = house.do(
        CLERK, lambda unit: spills.report_spill(unit, house.document_id, "secret", "Có nội dung bí mật")
    )
    with house.stepped_up_unit(LEADER) as unit:
        spills.decide_spill(house.engine, unit, spill.id, "wipe", "Đã thẩm định")
    assert rounds.wipe_spills(house.runtime) == 1
    assert [path for path in paths if path.exists()] == []
    listed = {bytes(row.sha256): row.outcome for row in house.rows(SPILL_FILE)}
    assert [listed[one] for one in written] == ["erased", "erased"]
