"""The desk and a time-stamping service, once for this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handlers.signing.timestamps import TimestampAuthority
from service.bootstrap import Runtime
from service.domain.clock import ManualClock
from tests.factories import Office
from tests.handlers.signing.desk import Desk, running_service, time_stamping
from tests.handlers.signing.office import SigningOffice


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Keys and certificates, made once."""
    return Desk.set_up(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="session")
def timestamps(desk: Desk) -> Iterator[TimestampAuthority]:
    """A time-stamping service on loopback."""
    with running_service(time_stamping(desk)) as address:
        yield TimestampAuthority(address)


@pytest.fixture
def signing_office(runtime: Runtime, office: Office, clock: ManualClock) -> SigningOffice:
    """An office with keys on record and a document that waits for its signatures."""
    made = SigningOffice(runtime, office, clock)
    made.set_up()
    return made
