#!/usr/bin/env python
"""Take numbers with many writers at once while some of them are killed, and look for gaps and doubles.

32 writers in 4 processes (``--processes``, ``--threads``) take ``--each`` numbers of one series: most of them
register, some reserve, some change their mind and roll back. ``--kills`` processes are killed with SIGKILL in
the middle and others go on. At the end the register must run from 1 without a gap or a double, and hold every
number that was answered. Prints a table, or JSON with ``--json``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sqlalchemy import insert, select

from service.bootstrap import open_owner_database, owner_conninfo, prepare_database
from service.config import read_settings
from service.demo import STATE_OFFICE, load_demo
from service.domain.actors import system_actor
from service.domain.clock import SystemClock
from service.domain.ids import new_id
from service.domain.numbering import SeriesKey
from service.storage import embedded, register
from service.storage.database import Database, open_engine, runtime_conninfo
from service.storage.models import Agency, Document, NumberSeries, RegistryEntry, table_of

SERIES = SeriesKey("ubnd", "outgoing", "2026")
AGENCY = STATE_OFFICE.code


class ChangedMindError(Exception):
    """A writer gives its number back."""


def work(conninfo: str, agency_id: UUID, document_id: UUID, threads: int, each: int) -> None:
    """Take ``each`` numbers in each of ``threads``, printing every one once it is committed."""
    database = Database(open_engine(conninfo, pool_connections=threads), SystemClock())
    lock = threading.Lock()

    def write(writer: int) -> None:
        turn = taken = 0
        while taken < each:
            turn += 1
            try:
                with database.unit_of_work(system_actor(agency_id, AGENCY)) as unit:
                    take = register.reserve if turn % 5 == writer % 5 else register.enter
                    number = take(unit, SERIES, document_id, {}).number
                    _change_mind(is_due=turn % 11 == writer % 11)
            except ChangedMindError:
                continue
            taken += 1
            with lock:
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()

    running = [threading.Thread(target=write, args=(index,)) for index in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()


def _change_mind(*, is_due: bool) -> None:
    if is_due:
        raise ChangedMindError


@dataclass
class Crew:
    """The writers of a run, and what they were answered.

    Attributes:
        conninfo: of the runtime role.
        agency_id: whose register it is.
        document_id: that every number is for.
        threads: writers in one process.
        answered: numbers that were committed and told.
        killed: processes that were killed.
    """

    conninfo: str
    agency_id: UUID
    document_id: UUID
    threads: int
    answered: list[int] = field(default_factory=list)
    killed: int = 0

    def run(self, processes: int, each: int, kills: int) -> None:
        """Let every process take its numbers; the first ``kills`` are killed half way and replaced."""
        quota = self.threads * each
        first = [self._start(each) for _ in range(processes)]
        readers = [
            threading.Thread(target=self._follow, args=(process, quota, index < kills))
            for index, process in enumerate(first)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()

    def _follow(self, process: subprocess.Popen[str], quota: int, is_doomed: bool) -> None:
        told = self._read(process, quota // 2 if is_doomed else None)
        if is_doomed and told < quota:
            self.killed += 1
            left = -(-(quota - told) // self.threads)
            self._read(self._start(left), None)

    def _read(self, process: subprocess.Popen[str], kill_after: int | None) -> int:
        assert process.stdout is not None
        told = 0
        for line in process.stdout:
            if not line.endswith("\n"):
                break
            self.answered.append(int(line))
            told += 1
            if told == kill_after:
                process.kill()
        process.wait()
        return told

    def _start(self, each: int) -> subprocess.Popen[str]:
        arguments = [self.conninfo, str(self.agency_id), str(self.document_id), str(self.threads), str(each)]
        command = [sys.executable, __file__, "--work", *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def count_faults(database: Database, agency_id: UUID, answered: list[int]) -> dict[str, int]:
    """Return what must be nought: gaps, doubles, answered numbers that are not in the register."""
    series, entry = table_of(NumberSeries), table_of(RegistryEntry)
    with database.unit_of_work(system_actor(agency_id, AGENCY)) as unit:
        last = unit.session.execute(
            select(series.c.last_number).where(series.c.book == SERIES.book)
        ).scalar_one()
        numbers = list(unit.session.execute(select(entry.c.number)).scalars())
    return {
        "numbers": len(numbers),
        "gaps": len(set(range(1, last + 1)) - set(numbers)),
        "doubles": len(numbers) - len(set(numbers)) + len(answered) - len(set(answered)),
        "lost": len(set(answered) - set(numbers)),
    }


def add_document(database: Database, agency_id: UUID) -> UUID:
    """Write a bare document that numbers can be tied to."""
    now = database.clock.now()
    texts = ("type_name", "code_number", "code_notation", "organ_name", "subject", "description")
    texts += ("signer_position", "signer_name", "category", "to_places")
    row: dict[str, Any] = dict.fromkeys(texts, "") | {
        "id": new_id(now),
        "agency_id": agency_id,
        "created_at": now,
        "is_public": False,
        "version": 1,
        "trace": [],
        "secrecy": "none",
        "urgency": "normal",
        "direction": "outgoing",
        "status": "draft",
        "channel": "upload",
        "language": "vi",
    }
    with database.unit_of_work(system_actor(agency_id, AGENCY)) as unit:
        unit.session.execute(insert(table_of(Document)), row)
    return row["id"]


def measure(processes: int, threads: int, each: int, kills: int) -> dict[str, Any]:
    """Run the writers on a durable database of their own."""
    with tempfile.TemporaryDirectory(prefix="congvan-numbers-") as folder:
        settings = read_settings({"CONGVAN_VAR_DIR": folder})
        prepare_database(settings)
        try:
            owner = open_owner_database(settings)
            load_demo(owner, [STATE_OFFICE], "mat khau do dac")
            with owner.session() as session:
                agency_id = session.execute(select(table_of(Agency).c.id)).scalar_one()
            crew = Crew(
                runtime_conninfo(owner_conninfo(settings)), agency_id, add_document(owner, agency_id), threads
            )
            started = time.perf_counter()
            crew.run(processes, each, kills)
            seconds = time.perf_counter() - started
            faults = count_faults(owner, agency_id, crew.answered)
            owner.close()
        finally:
            embedded.stop(settings.embedded_database_dir)
    rate = round(faults["numbers"] / seconds, 1)
    return {"writers": processes * threads, "killed": crew.killed, "per_second": rate, **faults}


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--each", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", nargs=5, metavar="PART", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        conninfo, agency, document, threads, each = arguments.work
        work(conninfo, UUID(agency), UUID(document), int(threads), int(each))
        return
    results = measure(arguments.processes, arguments.threads, arguments.each, arguments.kills)
    if arguments.json:
        print(json.dumps(results, indent=2))
    else:
        for name, value in results.items():
            print(f"{name:12} {value:>10}")
    if results["gaps"] or results["doubles"] or results["lost"]:
        raise SystemExit("numbers were lost or given twice")


if __name__ == "__main__":
    main()
