"""A PostgreSQL of its own that tests may restart, and the house's processes on it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.storage import embedded
from tests.e2e.deployments import add_provincial_office
from tests.e2e.processes import HouseProcesses
from tests.e2e.proxy import DatabaseProxy
from tests.factories import Office
from tests.harness import FAST, TestDatabase, TestServer, make_template


@pytest.fixture(scope="session")
def own_server() -> Iterator[TestServer]:
    """A server that only these tests use; its directory is open to the account that PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(prefix="congvan-e2e-", ignore_cleanup_errors=True) as directory:
        server = TestServer(Path(directory))
        embedded.ensure_running(server.data_dir, FAST)
        make_template(server)
        yield server
        embedded.stop(server.data_dir)


@pytest.fixture
def own_database(own_server: TestServer) -> TestDatabase:
    """A fresh database at this release's schema."""
    return own_server.create_migrated("e2e")


@pytest.fixture
def own_office(own_database: TestDatabase) -> Office:
    """The provincial office, in that database."""
    return add_provincial_office(own_database)


@pytest.fixture
def proxy(own_server: TestServer, tmp_path: Path) -> Iterator[DatabaseProxy]:
    """A proxy before the server, listening in the test's own directory."""
    running = DatabaseProxy(tmp_path, own_server.data_dir)
    yield running
    running.close()


@pytest.fixture
def house(own_database: TestDatabase, own_office: Office, tmp_path: Path) -> Iterator[HouseProcesses]:
    """The house on that database, nothing started yet."""
    del own_office
    processes = HouseProcesses(tmp_path, own_database.owner_conninfo)
    yield processes
    processes.kill()
