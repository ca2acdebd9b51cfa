#!/usr/bin/env python
"""Time the lists that people open every day, among very many open and closed user tasks.

Fills an embedded PostgreSQL of its own with an agency of 2,000 people in 100 units, ``--open`` open user
tasks and ``--closed`` closed ones with their processes, documents, slips and notices. Then each reader asks
for each list, as the runtime role under row-level security; ``inf`` is what the server gave up after 30 s.
The yardstick is a page of tasks with all that it shows, of any tasks, in no order and without a count:
figures are also given as multiples of it. ``--kept-in FOLDER`` keeps the database for the next time;
``--explain READER --lists LIST`` prints the plans of one list.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from full_house import FullHouse, explain, full_house, median_milliseconds
from house import REPOSITORY

from service.domain.actors import Actor, Mandate
from service.domain.ids import new_id
from service.queries.documents import DocumentFilter, list_documents
from service.queries.instances import InstanceFilter, list_instances
from service.queries.notices import list_notices
from service.queries.pages import DEFAULT_PAGE_SIZE
from service.queries.slips import SlipFilter, list_slips
from service.queries.user_tasks import TaskFilter, list_tasks, select_tasks, task_view
from service.storage.database import Database
from service.storage.unit_of_work import UnitOfWork

FILL: Final = (REPOSITORY / "scripts/bench/models/tasks.sql").read_text(encoding="utf-8")

Ask = Callable[[UnitOfWork, str | None], Any]


def _tasks(**wanted: Any) -> Ask:
    return lambda unit, cursor: list_tasks(unit, TaskFilter(**wanted), cursor, None)


LISTS: Final[Mapping[str, Ask]] = {
    "first": _tasks(),
    "next": _tasks(),
    "mine": _tasks(scope="mine"),
    "groups": _tasks(scope="groups"),
    "process": _tasks(process="submission_slip"),
    "urgent": _tasks(urgency="urgent"),
    "overdue": _tasks(is_overdue=True),
    "text": _tasks(text="số 4711"),
    "watched": _tasks(scope="watched"),
    "w.overdue": _tasks(scope="watched", is_overdue=True),
    "done": _tasks(state="completed"),
    "obsolete": _tasks(state="obsolete"),
    "confirm": _tasks(scope="to_confirm"),
    "instances": lambda unit, _cursor: list_instances(unit, InstanceFilter(), None, None),
    "active": lambda unit, _cursor: list_instances(unit, InstanceFilter(state="active"), None, None),
    "documents": lambda unit, _cursor: list_documents(unit, DocumentFilter()),
    "slips": lambda unit, _cursor: list_slips(unit, SlipFilter()),
    "my slips": lambda unit, _cursor: list_slips(unit, SlipFilter(is_mine=True)),
    "notices": lambda unit, _cursor: list_notices(unit),
}


def find_readers(house: FullHouse) -> dict[str, Actor]:
    """Return who asks."""
    return {
        "specialist": house.actor("cv201"),
        "head of a unit": house.actor("tp.p7"),
        "clerk: 1 in 10": house.actor("vanthu"),
        "leader: 1 in 10": house.actor("chanhvp"),
        "leader's aide": house.actor("troly", assists={"chanhvp": house.person("chanhvp")}),
        "head's deputy": house.actor("cv207", mandates=(_mandate(house, "tp.p7"),)),
        "supervisor": house.actor("giamsat"),
    }


def _mandate(house: FullHouse, login: str) -> Mandate:
    authorities = frozenset({"assign", "supervise"})
    order_id = new_id(house.database.clock.now())
    return Mandate(order_id, "12-QĐ/VP", house.person(login), house.roles(login), authorities)


def time_lists(database: Database, actor: Actor, rounds: int, names: Sequence[str]) -> dict[str, float]:
    """Return the median milliseconds of each list."""
    with database.unit_of_work(actor) as unit:
        cursor = LISTS["first"](unit, None).next_cursor

    def ask(name: str) -> None:
        with database.unit_of_work(actor) as unit:
            LISTS[name](unit, cursor if name == "next" else None)

    return {name: median_milliseconds(partial(ask, name), rounds) for name in names}


def time_yardstick(house: FullHouse, rounds: int) -> float:
    """Return the median milliseconds of a page of any tasks."""
    actor = house.actor("cv201")

    def ask() -> None:
        with house.database.unit_of_work(actor) as unit:
            rows = unit.session.execute(select_tasks().limit(DEFAULT_PAGE_SIZE)).mappings().all()
            for row in rows:
                task_view(row, actor, unit.now)

    return median_milliseconds(ask, rounds)


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=50_000, help="open user tasks")
    parser.add_argument("--closed", type=int, default=500_000, help="closed user tasks")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--kept-in", type=Path, metavar="FOLDER")
    parser.add_argument("--lists", nargs="+", choices=LISTS, default=list(LISTS), metavar="LIST")
    parser.add_argument("--explain", metavar="READER", help="part of a reader's name")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    fill = FILL.replace(":open", str(arguments.open)).replace(":closed", str(arguments.closed))
    with full_house(fill, arguments.kept_in) as house:
        readers = find_readers(house)
        if arguments.explain:
            name = next(name for name in readers if arguments.explain in name)
            ask = LISTS[arguments.lists[0]]
            print(name, explain(house.database, readers[name], lambda unit: ask(unit, None)), sep="\n")
            return
        yardstick = time_yardstick(house, arguments.rounds)
        results = {
            name: time_lists(house.database, actor, arguments.rounds, arguments.lists)
            for name, actor in readers.items()
        }
    if arguments.json:
        print(json.dumps({"yardstick": yardstick, **results}, indent=2, ensure_ascii=False))
        return
    print_ratios(results, yardstick)


def print_ratios(results: Mapping[str, Mapping[str, float]], yardstick: float) -> None:
    """Print a line for each list: milliseconds of each reader, and how many times the yardstick that is."""
    print(f"yardstick {yardstick} ms\n\n{'':12}" + "".join(f"{name:>18}" for name in results))
    for name in next(iter(results.values())):
        cells = (f"{times[name]} ({times[name] / yardstick:.1f})" for times in results.values())
        print(f"{name:12}" + "".join(f"{cell:>18}" for cell in cells))


if __name__ == "__main__":
    main()
