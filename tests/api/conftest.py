"""The application on the test's database, and people who call it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from service.app import Application, answer_for, create_app
from service.bootstrap import Runtime
from service.storage.database import Database
from tests.api.callers import Caller
from tests.factories import Office, open_session


@pytest.fixture(scope="session")
def standing_application(runtime_engine: Engine):
    """Return a function from a runtime to the one application of this worker, which then answers for it.

    Making an application means compiling some 240 routes: half the time of a test, were it made for each.
    """
    made: list[Application] = []

    def standing(runtime: Runtime) -> Application:
        if not made:
            made.append(create_app(replace(runtime, database=Database(runtime_engine, runtime.clock))))
        answer_for(made[0], runtime)
        return made[0]

    return standing


@pytest.fixture
def app(standing_application, runtime: Runtime):
    """The application of a wired house."""
    return standing_application(runtime)


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
