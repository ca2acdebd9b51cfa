from __future__ import annotations

import pytest

from service.actions.partners import change_partner
from tests.handlers.delivery.peer import running_peer
from tests.processes.desk import CLERK, PARTNER


@pytest.fixture
def peer(desk):
    """A partner office that the directory knows the address of."""
    with running_peer() as running:
        desk.do(CLERK, lambda unit: change_partner(unit, PARTNER, {"endpoint": running.address}))
        yield running
