"""A document outlives its keys: judged as of the time that its time-stamps prove, and renewed after they ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from handlers.signing.approve import approve
from handlers.signing.demo_authority import DemoAuthority, Holder
from handlers.signing.keys import Pkcs12Key
from handlers.signing.levels import TrustMaterial, raise_level
from handlers.signing.timestamps import TimestampAuthority
from service.domain.errors import Conflict
from service.domain.signatures import Level
from tests.handlers.signing.desk import Desk, running_service, time_stamping

YEAR = timedelta(days=365)
BEGUN = datetime(2016, 3, 2, 2, 30, 5, tzinfo=UTC)
"""All of it lies behind us: the library looks at the machine's clock where it goes back in time."""

AFTER_THE_KEYS = BEGUN + 2 * YEAR
AFTER_THE_FIRST_SERVICE = BEGUN + 4 * YEAR


@pytest.fixture(scope="module")
def mortal(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Holder]:
    """A desk of ten years ago whose two signers have certificates for a year; and the leader."""
    issue = DemoAuthority.create(BEGUN)
    leader = issue.issue_person("Nguyễn Thị Ánh", "Tỉnh ủy Thử Nghiệm", life=YEAR)
    agency = issue.issue_agency("Tỉnh ủy Thử Nghiệm", "000.00.01.T99", life=YEAR)
    service = {"tsa": issue.issue_timestamper("Dịch vụ dấu thời gian")}
    keys = [Pkcs12Key.open(issue.pack(one, "x"), "x") for one in (leader, agency)]
    trust = tmp_path_factory.mktemp("mortal-trust")
    changes = {"authority": issue, "holders": service, "trust": trust, "leader": keys[0], "agency": keys[1]}
    return replace(desk, **changes), leader


def raised(desk: Desk, stream: BytesIO, at: datetime, *, with_stamp: bool) -> Level:
    """Raise a file at an instant, with the authority's lists and the service of that day."""
    desk.authority.save_trust(desk.trust, at)
    with running_service(time_stamping(desk, at)) as address:
        stamps = TimestampAuthority(address) if with_stamp else None
        return raise_level(stream, TrustMaterial.load(desk.trust), at, stamps)


def signed(desk: Desk) -> BytesIO:
    """Return a document with both signatures, each with a time-stamp."""
    stream = desk.prepared()
    with running_service(time_stamping(desk, BEGUN)) as address:
        sign(desk, stream, TimestampAuthority(address))
    return stream


def sign(desk: Desk, stream: BytesIO, stamps: TimestampAuthority | None) -> BytesIO:
    """Sign and seal a prepared document."""
    approve(stream, "leader", desk.leader, image=None, at=BEGUN, timestamps=stamps)
    desk.put_seal(stream, timestamps=stamps, at=BEGUN)
    return stream


def judged(desk: Desk, stream: BytesIO, folder: Path, at: datetime) -> dict[str, Any]:
    """Return the report as of an instant, with the authority's lists of that day."""
    desk.authority.save_trust(desk.trust, at)
    return desk.inspect(stream.getvalue(), folder, at=at)


def test_a_document_with_archive_proof_outlives_its_keys_and_the_first_time_stamping_service(
    mortal: tuple[Desk, Holder], tmp_path: Path
) -> None:
    desk, _ = mortal
    stream = signed(desk)
    assert raised(desk, stream, BEGUN, with_stamp=True) == Level.B_LTA

    aged = judged(desk, stream, tmp_path, AFTER_THE_KEYS)
    assert (aged["verdict"], aged["trust"], aged["revocation"]) == ("valid", "trusted", "good")
    assert {one["proved_at"] for one in aged["signatures"]} == {BEGUN.isoformat()}

    authority = DemoAuthority(AFTER_THE_KEYS, desk.authority.root, desk.authority.issuer)
    service = authority.issue_timestamper("Dịch vụ dấu thời gian mới")
    younger = replace(desk, authority=authority, holders={"tsa": service})
    assert raised(younger, stream, AFTER_THE_KEYS, with_stamp=True) == Level.B_LTA
    assert desk.holders["tsa"].certificate.not_valid_after_utc < AFTER_THE_FIRST_SERVICE
    report = judged(younger, stream, tmp_path, AFTER_THE_FIRST_SERVICE)
    assert (report["verdict"], len(report["timestamps"])) == ("valid", 2), report["reasons"]


def test_without_proof_of_its_time_a_certificate_that_ended_is_not_vouched_for(
    mortal: tuple[Desk, Holder], tmp_path: Path
) -> None:
    desk, _ = mortal
    bare, stamped = sign(desk, desk.prepared(), None), signed(desk)

    reports = [judged(desk, one, tmp_path, AFTER_THE_KEYS) for one in (bare, stamped)]

    assert [(one["verdict"], one["trust"], one["revocation"]) for one in reports] == [
        ("indeterminate", "untrusted", "unknown"),
        ("indeterminate", "trusted", "unknown"),  # lists of today leave ended certificates out
    ]
    with pytest.raises(Conflict) as caught:
        raised(desk, stamped, AFTER_THE_KEYS, with_stamp=True)
    assert caught.value.code == "signature.not_provable"


def test_a_certificate_revoked_afterwards_leaves_a_time_stamped_signature_good_and_renewable(
    mortal: tuple[Desk, Holder], tmp_path: Path
) -> None:
    desk, leader = mortal
    stream, bare = signed(desk), sign(desk, desk.prepared(), None)
    raised(desk, stream, BEGUN, with_stamp=True)
    later = BEGUN + timedelta(days=10)
    revoked = list(desk.authority._revoked)
    try:
        desk.authority.revoke(leader, later - timedelta(days=1))
        found = [judged(desk, one, tmp_path, later) for one in (stream, bare)]
        assert [(one["verdict"], one["revocation"]) for one in found] == [
            ("valid", "good"),
            ("invalid", "revoked"),
        ]
        assert raised(desk, stream, later, with_stamp=True) == Level.B_LTA
        desk.authority._revoked[:] = revoked
        desk.authority.revoke(leader, BEGUN - timedelta(days=1))
        before = judged(desk, stream, tmp_path, later)
        assert (before["verdict"], before["revocation"]) == ("invalid", "revoked")
    finally:
        desk.authority._revoked[:] = revoked
