"""Measures the reference process over HTTP, in ratios to the same process in memory in the same run.

Two gunicorn workers and a durable embedded PostgreSQL of their own; 1, 2 and 8 clients in a closed loop; each
instance is started and its six tasks are completed, each answer naming the next task. Milliseconds depend on
the machine and on what else it does: read the ratios.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from house import Client, family_seconds, free_port, serving
from looping import cost_of_age
from statements import count_statements
from yardstick import Yardstick, submission

from service.actions.deployments import deploy
from service.bootstrap import Runtime, build, owner_conninfo, prepare_database
from service.config import Settings, read_settings
from service.demo import load_demo
from service.domain.actors import Actor, system_actor
from service.engine.definition import Bundle
from service.storage import embedded
from service.storage.database import Database, open_engine

MODEL = Path(__file__).with_name("models") / "reference"
PASSWORD = "do-luong-hieu-nang-2026"  # noqa: S105 - of accounts that live as long as this run
LOGINS = ("cv.tonghop1", "cv.tonghop2", "cv.hanhchinh1", "cv.coyeu1")
WEB_PROCESSES = 2


@dataclass
class Series:
    """One run: what a number of clients measured."""

    clients: int
    instances: int
    starts: list[float] = field(default_factory=list)
    completions: list[float] = field(default_factory=list)
    seconds: float = 0.0
    web_cpu_seconds: float = 0.0
    database_cpu_seconds: float = 0.0

    def figures(self, yardstick_ms: float) -> dict[str, Any]:
        """Return the table's row; times in milliseconds."""
        web = self.web_cpu_seconds * 1000 / self.instances
        database = self.database_cpu_seconds * 1000 / self.instances
        return {
            "clients": self.clients,
            "instances": self.instances,
            "tasks_per_second": round(len(self.completions) / self.seconds, 1),
            "start_ms": _percentiles(self.starts),
            "complete_ms": _percentiles(self.completions),
            "web_cpu_ms_per_instance": round(web, 2),
            "database_cpu_ms_per_instance": round(database, 2),
            "yardstick_cpu_ms": round(yardstick_ms, 2),
            "cpu_ratio": round((web + database) / yardstick_ms, 1),
        }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {name: round(cuts[at - 1] * 1000, 1) for name, at in (("p50", 50), ("p95", 95), ("p99", 99))}


def run_instance(client: Client, series: Series, number: str) -> None:
    """Take one instance from its start to its end."""
    began = time.perf_counter()
    started = client.call(
        "POST",
        "/api/v1/instances",
        {"process": "reference", "variables": {}, "business_key": number},
        key=f"{number}-start",
    )
    series.starts.append(time.perf_counter() - began)
    task = started["next_tasks"][0]
    while task is not None:
        began = time.perf_counter()
        answer = client.call(
            "POST",
            f"/api/v1/tasks/{task['id']}/complete",
            {"data": submission(task["element_id"])},
            key=f"{number}-{task['element_id']}",
        )
        series.completions.append(time.perf_counter() - began)
        task = next(iter(answer["next_tasks"]), None)


def measure(port: int, clients: int, instances: int, processes: tuple[int, int]) -> Series:
    """Run ``instances`` with a number of clients at once."""
    series = Series(clients, instances)
    connections = [Client(port) for _ in range(clients)]
    for index, connection in enumerate(connections):
        connection.log_in(LOGINS[index % len(LOGINS)], PASSWORD)
    numbers = iter([f"{clients}-{time.time_ns()}-{n}" for n in range(instances)])
    lock = threading.Lock()

    def work(client: Client) -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            run_instance(client, series, number)

    web, database = processes
    before = time.perf_counter(), family_seconds(web), family_seconds(database)
    threads = [threading.Thread(target=work, args=(connection,)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    series.seconds = time.perf_counter() - before[0]
    series.web_cpu_seconds = family_seconds(web) - before[1]
    series.database_cpu_seconds = family_seconds(database) - before[2]
    return series


@contextmanager
def prepared_house(var: Path) -> Iterator[tuple[Settings, Runtime]]:
    """Make a house in an empty directory and deploy the reference process."""
    settings = read_settings({"CONGVAN_VAR_DIR": str(var)})
    prepare_database(settings)
    owner_engine = open_engine(owner_conninfo(settings), pool_connections=1)
    runtime = build(settings)
    try:
        load_demo(Database(owner_engine, runtime.clock), password=PASSWORD)
        agency_id, code = _first_agency(settings)
        with runtime.database.unit_of_work(system_actor(agency_id, code)) as unit:
            deploy(runtime.checker, unit, Bundle.from_directory(MODEL, MODEL.with_name("forms")))
        yield settings, runtime
    finally:
        runtime.close()
        owner_engine.dispose()


def _first_agency(settings: Settings) -> tuple[Any, str]:
    with psycopg.connect(owner_conninfo(settings)) as connection:
        row = connection.execute("SELECT id, code FROM agency WHERE code = 'vptu'").fetchone()
    assert row is not None
    return row[0], row[1]


@dataclass(frozen=True)
class Stored:
    """Bytes in the database with their indexes; ``answers`` are kept a week for repeated requests."""

    kept: int
    answers: int

    def per_instance(self, before: Stored, instances: int) -> dict[str, int]:
        """Return the growth for each of ``instances``."""
        return {
            "kept": round((self.kept - before.kept) / instances),
            "answers_for_a_week": round((self.answers - before.answers) / instances),
        }


def _deployer_and_worker(settings: Settings) -> tuple[Actor, Actor]:
    """Return the system and a specialist of the first office."""
    agency_id, code = _first_agency(settings)
    with psycopg.connect(owner_conninfo(settings)) as connection:
        row = connection.execute("SELECT id FROM account WHERE login = %s", [LOGINS[0]]).fetchone()
    assert row is not None
    references = frozenset({f"user:{LOGINS[0]}", "role:specialist"})
    worker = Actor(agency_id, code, row[0], LOGINS[0], "", references, frozenset({"specialist"}))
    return system_actor(agency_id, code), worker


def stored_bytes(settings: Settings, *, compacted: bool) -> Stored:
    """Return the size of all tables with their indexes."""
    conninfo = embedded.superuser_conninfo(settings.embedded_database_dir, "congvan")
    with psycopg.connect(conninfo, autocommit=True) as own:
        own.execute("VACUUM FULL" if compacted else "VACUUM")
        row = own.execute(
            "SELECT sum(size) FILTER (WHERE relname <> 'idempotency_key'),"
            " sum(size) FILTER (WHERE relname = 'idempotency_key')"
            " FROM (SELECT relname, pg_total_relation_size(oid) AS size FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) AS sizes",
        ).fetchone()
    assert row is not None
    return Stored(int(row[0]), int(row[1]))


def postmaster(settings: Settings) -> int:
    """Return the process id of the embedded server."""
    return int((settings.embedded_database_dir / "postmaster.pid").read_text(encoding="ascii").split()[0])


def main() -> None:
    """Measure and print; ``--json FILE`` keeps the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--instances", type=int, default=150, help="for each number of clients")
    arguments.add_argument("--json", type=Path)
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="congvan-bench-") as folder:
        report = _measure_all(Path(folder), wanted.instances)
    text = json.dumps(report, indent=2, ensure_ascii=False)
    print(text)
    if wanted.json:
        wanted.json.write_text(text + "\n", encoding="utf-8")


def _measure_all(folder: Path, instances: int) -> dict[str, Any]:
    yardstick = Yardstick()
    yardstick.run()
    port = free_port()
    with prepared_house(folder) as (settings, runtime):
        report: dict[str, Any] = {"machine": platform.machine(), "python": platform.python_version()}
        report["per_completion"] = asdict(count_statements(runtime, LOGINS[0], PASSWORD))
        report["looping"] = cost_of_age(runtime, *_deployer_and_worker(settings))
        environment = {"CONGVAN_VAR_DIR": str(folder)}
        with serving(environment, port, WEB_PROCESSES) as web:
            processes = (web, postmaster(settings))
            measure(port, 2, 20, processes)
            compact = stored_bytes(settings, compacted=True)
            report["series"] = []
            finished = 0
            for clients in (1, 2, 8):
                before = yardstick.cpu_ms()
                series = measure(port, clients, instances, processes)
                finished += instances
                report["series"].append(series.figures((before + yardstick.cpu_ms()) / 2))
        left = stored_bytes(settings, compacted=False)
        compacted = stored_bytes(settings, compacted=True)
        report["bytes_per_instance"] = {
            "as_left": left.per_instance(compact, finished),
            "compacted": compacted.per_instance(compact, finished),
        }
        embedded.stop(settings.embedded_database_dir)
    return report


if __name__ == "__main__":
    main()
