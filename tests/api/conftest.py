"""The application on the test's database, and people who call it."""

from __future__ import annotations

import pytest

from service.app import create_app
from service.bootstrap import Runtime
from service.storage.database import Database
from tests.api.callers import Caller
from tests.factories import Office, open_session


@pytest.fixture
def app(runtime: Runtime):
    """The application of a wired house."""
    return create_app(runtime)


@pytest.fixture
def anonymous(app) -> Caller:
    """Someone without credentials."""
    return Caller(app.test_client())


@pytest.fixture
def sign_in(app, office: Office, database: Database):
    """Return a function from a login of the provincial office to that person as a caller."""

    def as_person(login: str) -> Caller:
        return Caller(app.test_client(), open_session(database, office.actor_for(login)))

    return as_person


@pytest.fixture
def sign_in_elsewhere(app, other_office: Office, database: Database):
    """Return a function from a login of the commune's office to that person as a caller."""

    def as_person(login: str) -> Caller:
        return Caller(app.test_client(), open_session(database, other_office.actor_for(login)))

    return as_person
