"""Time-stamps from a service on loopback, and signatures raised to long-term levels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import tsp
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore

from handlers.signing.approve import approve
from handlers.signing.levels import TrustMaterial, raise_level
from handlers.signing.timestamps import TimestampAuthority
from service.domain.errors import Conflict, InvalidInput, Unavailable
from service.domain.signatures import Level
from tests.handlers.signing.desk import AT, Answer, Desk, pdfsig, running_service, time_stamping


def stamped(desk: Desk, timestamps: TimestampAuthority) -> BytesIO:
    stream = desk.prepared()
    approve(stream, "leader", desk.leader, image=desk.blue, at=AT, timestamps=timestamps)
    desk.put_seal(stream, timestamps=timestamps)
    return stream


def test_with_a_service_both_signatures_carry_a_trusted_time(
    desk: Desk, timestamps: TimestampAuthority, tmp_path: Path
) -> None:
    content = stamped(desk, timestamps).getvalue()

    report = desk.inspect(content, tmp_path)

    assert report["verdict"] == "valid", report["reasons"]
    assert [(one["timestamp_at"], one["is_timestamp_trusted"]) for one in report["signatures"]] == [
        ("2026-03-02T02:30:05+00:00", True),
        ("2026-03-02T02:30:05+00:00", True),
    ]
    assert all(line.startswith("Signature is Valid.") for line in pdfsig(content, tmp_path).values())


def test_the_level_tells_whether_a_service_was_used(desk: Desk, timestamps: TimestampAuthority) -> None:
    without = approve(desk.prepared(), "leader", desk.leader, image=desk.blue, at=AT)
    stream = desk.prepared()
    with_stamp = approve(stream, "leader", desk.leader, image=None, at=AT, timestamps=timestamps)

    assert (without.level, with_stamp.level) == (Level.B_B, Level.B_T)


def test_the_long_term_level_puts_certificates_and_lists_into_the_file(
    desk: Desk, timestamps: TimestampAuthority, tmp_path: Path
) -> None:
    stream = stamped(desk, timestamps)

    assert raise_level(stream, TrustMaterial.load(desk.trust), AT) == Level.B_LT

    store = DocumentSecurityStore.read_dss(PdfFileReader(stream))
    assert len(store.crls) == 2
    assert len(store.certs) == 5
    report = desk.inspect(stream.getvalue(), tmp_path)
    assert report["verdict"] == "valid", report["reasons"]
    assert [one["later_changes"] for one in report["signatures"]] == ["permitted", "extended"]


def test_a_file_with_long_term_proof_needs_no_list_from_outside(
    desk: Desk, timestamps: TimestampAuthority, tmp_path: Path
) -> None:
    stream = stamped(desk, timestamps)
    raise_level(stream, TrustMaterial.load(desk.trust), AT)
    bare = tmp_path / "bare"
    (bare / "roots").mkdir(parents=True)
    (bare / "roots" / "root.pem").write_bytes(desk.authority.root.pem())

    report = desk.inspect(stream.getvalue(), tmp_path, trust=bare)

    assert (report["verdict"], report["revocation"]) == ("valid", "good")


def test_the_archive_level_ends_in_a_document_time_stamp_and_can_be_renewed(
    desk: Desk, timestamps: TimestampAuthority, tmp_path: Path
) -> None:
    stream = stamped(desk, timestamps)
    trust = TrustMaterial.load(desk.trust)

    assert raise_level(stream, trust, AT, timestamps) == Level.B_LTA
    assert raise_level(stream, trust, AT, timestamps) == Level.B_LTA

    report = desk.inspect(stream.getvalue(), tmp_path)
    assert report["verdict"] == "valid", report["reasons"]
    assert [(one["is_valid"], one["is_trusted"]) for one in report["timestamps"]] == [(True, True)] * 2
    assert report["timestamps"][-1]["coverage"] == "entire_file"


def test_the_number_stays_locked_under_the_archive_time_stamp(
    desk: Desk, timestamps: TimestampAuthority, tmp_path: Path
) -> None:
    stream = stamped(desk, timestamps)
    raise_level(stream, TrustMaterial.load(desk.trust), AT, timestamps)

    fields = {
        one["field"]: one["changed_fields"] for one in desk.inspect(stream.getvalue(), tmp_path)["signatures"]
    }

    assert not {"number", "day", "month"} & set(fields["seal"])


def test_without_a_list_in_force_the_level_is_not_raised(desk: Desk, timestamps: TimestampAuthority) -> None:
    stream = stamped(desk, timestamps)
    trust = TrustMaterial.load(desk.trust)
    bare = TrustMaterial(trust.roots, trust.intermediates)

    with pytest.raises(Conflict) as caught:
        raise_level(stream, bare, AT)

    assert caught.value.code == "signature.not_provable"


def test_an_unsigned_file_has_no_level(desk: Desk) -> None:
    with pytest.raises(Conflict) as caught:
        raise_level(desk.prepared(), TrustMaterial.load(desk.trust), AT)

    assert caught.value.code == "signature.none"


def of_another(desk: Desk) -> Answer:
    """Return the answers of a service that stamps something else than it was asked for."""
    real = time_stamping(desk)

    def answer(body: bytes) -> tuple[int, str, bytes]:
        request = tsp.TimeStampReq.load(body)
        request["message_imprint"]["hashed_message"] = bytes(32)
        return real(request.dump(force=True))

    return answer


def with_nonce(desk: Desk, nonce: int | None) -> Answer:
    """Return the answers of a service that gives another nonce than it was sent, or none."""
    real = time_stamping(desk)

    def answer(body: bytes) -> tuple[int, str, bytes]:
        request = tsp.TimeStampReq.load(body)
        parts = {name: request[name] for name in ("version", "message_imprint", "cert_req")}
        return real(tsp.TimeStampReq(parts | ({} if nonce is None else {"nonce": nonce})).dump())

    return answer


def badly_signed(desk: Desk) -> Answer:
    """Return the answers of a service whose tokens carry a damaged signature."""
    real = time_stamping(desk)

    def answer(body: bytes) -> tuple[int, str, bytes]:
        status, kind, reply = real(body)
        return status, kind, reply[:-3] + bytes([reply[-3] ^ 255]) + reply[-2:]

    return answer


def after_its_certificate(desk: Desk) -> Answer:
    """Return the answers of a service whose certificate ended before the time that it states."""
    return time_stamping(desk, desk.holders["tsa"].certificate.not_valid_after_utc + timedelta(days=1))


WRONG: dict[str, Callable[[Desk], Answer]] = {
    "other digest": of_another,
    "other nonce": lambda desk: with_nonce(desk, 7),
    "no nonce": lambda desk: with_nonce(desk, None),
    "damaged signature": badly_signed,
    "certificate ended": after_its_certificate,
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_no_archive_time_stamp_is_taken_from_a_service_that_answers_wrongly(
    desk: Desk, timestamps: TimestampAuthority, make: Callable[[Desk], Answer]
) -> None:
    stream = stamped(desk, timestamps)

    with running_service(make(desk)) as address, pytest.raises(Unavailable) as caught:
        raise_level(stream, TrustMaterial.load(desk.trust), AT, TimestampAuthority(address))

    assert caught.value.code == "timestamp.unavailable"


@pytest.mark.parametrize(
    "make",
    [
        lambda _: lambda _: (500, "text/plain", b"no"),
        lambda _: lambda _: (200, "text/html", b"<p>log in first</p>"),
        lambda _: lambda _: (200, "application/timestamp-reply", b"garbage"),
        lambda _: lambda _: (200, "application/timestamp-reply", bytes(70_000)),
        *WRONG.values(),
    ],
    ids=["error", "page", "garbage", "flood", *WRONG],
)
def test_a_service_that_answers_wrongly_is_not_believed(desk: Desk, make: Callable[[Desk], Answer]) -> None:
    with running_service(make(desk)) as address, pytest.raises(Unavailable) as caught:
        TimestampAuthority(address).request_token(b"signature")

    assert caught.value.code == "timestamp.unavailable"


def test_a_service_that_is_down_is_unavailable() -> None:
    with running_service(lambda _: (200, "", b"")) as address:
        gone = TimestampAuthority(address, timedelta(seconds=1))

    with pytest.raises(Unavailable):
        gone.request_token(b"signature")


def test_a_token_larger_than_its_room_is_refused(desk: Desk) -> None:
    with running_service(time_stamping(desk)) as address:
        narrow = TimestampAuthority(address, token_bytes=100)
        with pytest.raises(Unavailable) as caught:
            approve(desk.prepared(), "leader", desk.leader, image=None, at=AT, timestamps=narrow)

    assert caught.value.code == "timestamp.too_long"


@pytest.mark.parametrize("url", ["ftp://tsa.example/", "file:///etc/passwd", "https://"])
def test_only_web_addresses_are_services(url: str) -> None:
    with pytest.raises(InvalidInput):
        TimestampAuthority(url)
