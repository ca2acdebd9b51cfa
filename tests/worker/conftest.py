"""The house of the engine's tests, with a worker on it."""

from __future__ import annotations

import pytest

from service.bootstrap import Runtime
from service.domain.clock import ManualClock
from tests.engine.rows.house import House
from tests.factories import Office


@pytest.fixture
def house(runtime: Runtime, office: Office, clock: ManualClock) -> House:
    """A house with the provincial office, nothing deployed."""
    return House(runtime, office, clock)
