#!/usr/bin/env python
"""Time the list of documents for readers who may see few, most and all of many documents.

Fills an embedded PostgreSQL of its own with ``--documents`` incoming documents as a busy office leaves them:
a trace of nine lines, six user tasks each, open work on the newest, grants, spills. Then each reader asks for
the first page, the second, a page by text that many documents have, by text that none has, and for the right
to one document alone, as the runtime role under row-level security. Beside them stands the yardstick: the
same without any right, on the same server. ``--explain READER`` prints the plan of that reader's first page.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from house import REPOSITORY
from sqlalchemy import event, select, text

from service.bootstrap import open_owner_database, owner_conninfo, prepare_database
from service.config import read_settings
from service.demo import PARTY_OFFICE, load_demo
from service.domain.actors import Actor, system_actor
from service.domain.clock import SystemClock
from service.domain.permissions import references_of
from service.queries.document_access import standing_of
from service.queries.documents import DocumentFilter, list_documents
from service.storage import embedded
from service.storage.database import Database, open_engine, runtime_conninfo
from service.storage.models import Account, Agency, table_of

FILL: Final = (REPOSITORY / "scripts/bench/models/documents.sql").read_text(encoding="utf-8")
READERS: Final = {
    "none: supervisor": "giamsat",
    "few: did 40 tasks": "cv.hanhchinh1",
    "most: head, told and directed": "tp.tonghop",
    "most: did 9 in 10": "cv.tonghop1",
    "all: clerk": "vanthu",
}
YARDSTICK: Final = "yardstick: system"


@contextmanager
def filled_house(documents: int) -> Iterator[tuple[Database, dict[str, Actor]]]:
    """Give units of work of the runtime role on the filled database, and the readers."""
    with tempfile.TemporaryDirectory(prefix="congvan-documents-") as folder:
        settings = read_settings({"CONGVAN_VAR_DIR": folder})
        prepare_database(settings)
        try:
            owner = open_owner_database(settings)
            load_demo(owner, [PARTY_OFFICE], "mat khau do dac")
            fill(owner, documents)
            actors = find_actors(owner)
            owner.close()
            engine = open_engine(runtime_conninfo(owner_conninfo(settings)), pool_connections=1)
            yield Database(engine, SystemClock()), actors
            engine.dispose()
        finally:
            embedded.stop(settings.embedded_database_dir)


def fill(owner: Database, documents: int) -> None:
    """Write the documents with their work, as the owner, who is not held to one agency."""
    with owner.engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(FILL.replace(":documents", str(documents)))
    with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def find_actors(owner: Database) -> dict[str, Actor]:
    """Return the readers as their sessions would give them, and the system."""
    account = table_of(Account)
    with owner.session() as session:
        agency_id: UUID = session.execute(select(table_of(Agency).c.id)).scalar_one()
        ids = {row.login: row.id for row in session.execute(select(account.c.login, account.c.id))}
    plans = {plan.login: plan for plan in PARTY_OFFICE.people}
    found = {
        name: Actor(
            agency_id,
            PARTY_OFFICE.code,
            ids[login],
            login,
            plans[login].full_name,
            references_of(login, plans[login].held),
            frozenset(role for role, _unit in plans[login].held),
        )
        for name, login in READERS.items()
    }
    return found | {YARDSTICK: system_actor(agency_id, PARTY_OFFICE.code)}


def time_pages(database: Database, actor: Actor, rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each kind of page, and how many lines the first has."""
    pages: dict[str, Callable[[str | None], Any]] = {
        "first": lambda _cursor: _ask(database, actor, DocumentFilter(), None),
        "next": lambda cursor: _ask(database, actor, DocumentFilter(), cursor),
        "text": lambda _cursor: _ask(database, actor, DocumentFilter(text="phòng cháy"), None),
        "no text": lambda _cursor: _ask(database, actor, DocumentFilter(text="không có ở đâu"), None),
    }
    page = _ask(database, actor, DocumentFilter(), None)
    cursor = page.next_cursor
    if page.items:
        pages["alone"] = lambda _cursor: _read(database, actor, page.items[0].id)
    found: dict[str, float] = {}
    for name, ask in pages.items():
        taken = []
        for _ in range(rounds):
            started = time.perf_counter()
            ask(cursor)
            taken.append((time.perf_counter() - started) * 1000)
        found[name] = round(statistics.median(taken), 1)
    return found


def _ask(database: Database, actor: Actor, wanted: DocumentFilter, cursor: str | None) -> Any:
    with database.unit_of_work(actor) as unit:
        return list_documents(unit, wanted, cursor)


def _read(database: Database, actor: Actor, document_id: UUID) -> object:
    with database.unit_of_work(actor) as unit:
        return standing_of(unit, document_id)


def explain(database: Database, actor: Actor, wanted: DocumentFilter) -> str:
    """Return the plan of the list's last statement, with times and buffers."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        sent.append((statement, parameters))

    with database.unit_of_work(actor) as unit:
        event.listen(database.engine, "before_cursor_execute", note)
        list_documents(unit, wanted)
        event.remove(database.engine, "before_cursor_execute", note)
        lines: list[str] = []
        for statement, parameters in sent:
            plan = f"EXPLAIN (ANALYZE, BUFFERS, COSTS) {statement}"
            lines += unit.session.connection().exec_driver_sql(plan, parameters).scalars()
        return "\n".join(lines)


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--explain", metavar="READER", help="part of a reader's name")
    parser.add_argument("--text", help="explain a search for this text")
    arguments = parser.parse_args()
    with filled_house(arguments.documents) as (database, actors):
        if arguments.explain:
            for name, actor in actors.items():
                if arguments.explain in name:
                    print(name, explain(database, actor, DocumentFilter(text=arguments.text)), sep="\n")
            return
        results = {name: time_pages(database, actor, arguments.rounds) for name, actor in actors.items()}
    if arguments.json:
        print(json.dumps(results, indent=2, ensure_ascii=False))
        return
    print(f"{'ms, median':34}" + "".join(f"{name:>10}" for name in results[YARDSTICK]))
    for name, pages in results.items():
        print(f"{name:34}" + "".join(f"{value:>10}" for value in pages.values()))


if __name__ == "__main__":
    main()
