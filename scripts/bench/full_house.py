"""A full house for benchmarks of lists: a demonstration office filled by SQL, and how its lists are timed."""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from service.bootstrap import open_owner_database, owner_conninfo, prepare_database
from service.config import Settings, read_settings
from service.demo import PARTY_OFFICE, load_demo
from service.domain.actors import Actor, Person
from service.domain.clock import SystemClock
from service.domain.permissions import references_of
from service.storage import embedded
from service.storage.database import Database, open_engine, runtime_conninfo

_PATIENCE_MILLISECONDS: Final = 5_000


@dataclass(frozen=True, slots=True)
class FullHouse:
    """A filled database.

    Attributes:
        owner: connections of the owner, who is not held to one agency.
        database: units of work of the runtime role, under row-level security.
        agency_id: the office.
    """

    owner: Database
    database: Database
    agency_id: UUID

    def actor(self, login: str, **more: Any) -> Actor:
        """Return a person as their session would give them today; ``more`` are fields of the actor."""
        found, roles = self._person(login)
        names = found.account_id, found.login, found.full_name, found.references
        return Actor(self.agency_id, PARTY_OFFICE.code, *names, roles, **more)

    def person(self, login: str) -> Person:
        """Return a person for whom others may act."""
        return self._person(login)[0]

    def roles(self, login: str) -> frozenset[str]:
        """Return the names of a person's roles."""
        return self._person(login)[1]

    def _person(self, login: str) -> tuple[Person, frozenset[str]]:
        statement = text("SELECT id, full_name, roles_on(id, current_date) FROM account WHERE login = :login")
        with self.owner.session() as session:
            account_id, name, held = session.execute(statement, {"login": login}).one()
        references = references_of(login, [(role, unit) for role, unit in held])
        return Person(account_id, login, name, references), frozenset(role for role, _unit in held)


@contextmanager
def full_house(fill: str, kept_in: Path | None = None) -> Iterator[FullHouse]:
    """Give an office that ``fill`` filled, in an embedded PostgreSQL of its own.

    Args:
        fill: SQL of many statements.
        kept_in: a folder that keeps the database for the next time, which then is not filled again.
    """
    with tempfile.TemporaryDirectory(prefix="congvan-full-") as passing:
        settings = read_settings({"CONGVAN_VAR_DIR": str(kept_in or passing)})
        prepare_database(settings)
        try:
            with _opened(settings, fill) as house:
                yield house
        finally:
            embedded.stop(settings.embedded_database_dir)


@contextmanager
def _opened(settings: Settings, fill: str) -> Iterator[FullHouse]:
    owner = open_owner_database(settings)
    if load_demo(owner, [PARTY_OFFICE], "mat khau do dac").password is not None:
        _fill(owner, fill)
    engine = open_engine(runtime_conninfo(owner_conninfo(settings)), pool_connections=1)
    with owner.session() as session:
        agency_id = session.execute(text("SELECT id FROM agency")).scalar_one()
    yield FullHouse(owner, Database(engine, SystemClock()), agency_id)
    owner.close()
    engine.dispose()


def _fill(owner: Database, statements: str) -> None:
    with owner.engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(statements)
    with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def median_milliseconds(ask: Callable[[], object], rounds: int) -> float:
    """Return the median time of ``rounds`` calls, of fewer if they take seconds; infinity if given up."""
    taken: list[float] = []
    while len(taken) < rounds and sum(taken) < _PATIENCE_MILLISECONDS:
        started = time.perf_counter()
        try:
            ask()
        except OperationalError:
            return math.inf
        taken.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(taken), 1)


def explain(database: Database, actor: Actor, ask: Callable[[Any], object]) -> str:
    """Return the plans of what ``ask`` sends in a unit of work, with times and buffers."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        sent.append((statement, parameters))

    with database.unit_of_work(actor) as unit:
        event.listen(database.engine, "before_cursor_execute", note)
        ask(unit)
        event.remove(database.engine, "before_cursor_execute", note)
        lines: list[str] = []
        for statement, parameters in sent:
            plan = f"EXPLAIN (ANALYZE, BUFFERS, COSTS) {statement}"
            lines += [statement, *unit.session.connection().exec_driver_sql(plan, parameters).scalars(), ""]
        return "\n".join(lines)
