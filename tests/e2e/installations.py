"""Two real installations on loopback that know each other: databases, web processes and workers of their own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from handlers.signing.demo_authority import DemoAuthority
from service.actions import deployments
from service.actions.exchange_links import give_token, keep_link
from service.bootstrap import Runtime, build
from service.demo import AgencyPlan
from service.domain.clock import SystemClock
from service.domain.ids import new_id
from service.engine.definition.bundle import Bundle
from service.storage import schema
from service.storage.database import Database, open_engine
from service.storage.models import Partner, table_of
from service.storage.unit_of_work import UnitOfWork
from tests.e2e.processes import HouseProcesses, until
from tests.factories import PASSWORD, Office, add_office
from tests.harness import TestServer, test_settings
from tests.processes.desk import ROOT

PARTNER = table_of(Partner)
NETWORK = {"CONGVAN_CALL_PRIVATE_NETWORKS": "1"}


@dataclass
class Installation:
    """One office's house: its processes, and a way into its database for arranging and looking."""

    office: Office
    runtime: Runtime
    processes: HouseProcesses

    @property
    def organ_id(self) -> str:
        return self.office.plan.organ_id

    @property
    def door(self) -> str:
        """Where it takes packages."""
        return f"http://127.0.0.1:{self.processes.port}/api/v1/exchange/edxml"

    def do(self, act: Callable[[UnitOfWork], Any]) -> Any:
        """Act as the system, committed."""
        with self.runtime.database.unit_of_work(self.office.system) as unit:
            return act(unit)

    def deploy(self, *keys: str) -> None:
        """Deploy processes of the repository."""
        for key in keys:
            bundle = Bundle.from_directory(ROOT / "processes" / key, ROOT / "forms")
            self.do(lambda unit, bundle=bundle: deployments.deploy(self.runtime.checker, unit, bundle))

    def person(self, login: str) -> Client:
        """Sign a person in over HTTP."""
        return Client(self.processes, self.processes.log_in(login, PASSWORD))

    def start(self) -> None:
        """Start web and worker."""
        self.processes.start_web()
        self.processes.start_worker()

    def close(self) -> None:
        """End everything."""
        self.processes.kill()
        self.runtime.close()


@dataclass
class Client:
    """A person at the API of an installation."""

    processes: HouseProcesses
    token: str

    def get(self, path: str) -> Any:
        answer = self.processes.ask("GET", f"/api/v1{path}", token=self.token)
        assert answer.status == 200, answer.body
        return answer.json

    def post(self, path: str, body: Any) -> Any:
        answer = self.processes.ask("POST", f"/api/v1{path}", body, token=self.token)
        assert answer.status < 300, answer.body
        return answer.json if answer.body else None

    def complete(self, element: str, data: dict[str, Any]) -> None:
        """Complete the person's one open task of an element, once it is there."""

        def find() -> Any:
            items = self.get("/tasks")["items"]
            return next((item for item in items if item["element_id"] == element), None)

        self.post(f"/tasks/{until(find)['id']}/complete", {"data": data})


def found_installation(server: TestServer, folder: Path, name: str, plan: AgencyPlan) -> Installation:
    """Make a migrated database with one office, and the processes on it, not started."""
    database = server.create_database(name)
    engine = open_engine(database.owner_conninfo, pool_connections=1)
    schema.migrate(engine, SystemClock().now())
    with Database(engine, SystemClock()).session() as session:
        office = add_office(session.connection(), SystemClock(), plan)
    engine.dispose()
    folder.mkdir()
    runtime = build(test_settings(folder, database.owner_conninfo))
    return Installation(office, runtime, HouseProcesses(folder, database.owner_conninfo, dict(NETWORK)))


def introduce(here: Installation, there: Installation, address: str | None = None, **link: Any) -> None:
    """Let ``here`` know ``there``: its address, the token that it gives, how it is connected."""
    sealer = here.runtime.sealer

    def enter(unit: UnitOfWork) -> None:
        row = {"id": new_id(unit.now), "agency_id": unit.actor.agency_id, "organ_id": there.organ_id}
        facts = {"name": there.office.plan.name, "endpoint": address or there.door}
        unit.session.execute(insert(PARTNER).values(row | facts))
        keep_link(unit, sealer, there.organ_id, {"channel": "http", **link})

    here.do(enter)


def exchange_tokens(one: Installation, other: Installation) -> None:
    """Let each give the other a token for its door."""
    for giver, taker in ((one, other), (other, one)):
        token = giver.do(lambda unit, taker=taker, giver=giver: give_token(unit, taker.organ_id))
        taker.do(
            lambda unit, taker=taker, giver=giver, token=token: keep_link(
                unit, taker.runtime.sealer, giver.organ_id, {"outbound_token": token}
            )
        )


def let_sign(signer: Installation, judge: Installation) -> None:
    """Give ``signer`` a key for its packages, whose authority ``judge`` trusts."""
    now = SystemClock().now()
    authority = DemoAuthority.create(now)
    holder = authority.issue_agency(signer.office.plan.name, signer.organ_id)
    keys = signer.runtime.settings.signing_places.key_dir
    keys.mkdir(parents=True, exist_ok=True)
    (keys / f"exchange-{signer.organ_id}.p12").write_bytes(authority.pack(holder, "x"))
    (keys / f"exchange-{signer.organ_id}.passphrase").write_text("x", encoding="utf-8")
    authority.save_trust(judge.runtime.settings.signing_places.trust_dir, now)


@contextmanager
def cutting_door(port: int) -> Iterator[CuttingDoor]:
    """Serve a door before another port that can lose an answer."""
    door = CuttingDoor(port)
    try:
        yield door
    finally:
        door.close()


class CuttingDoor:
    """Passes HTTP through to ``port``; on demand the next answer is swallowed after the request was taken."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/api/v1/exchange/edxml"
        self._cut_next = threading.Event()
        self.cut_happened = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_next_answer(self) -> None:
        """Lose the next answer."""
        self.cut_happened.clear()
        self._cut_next.set()

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                return
            with server:
                threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                if self._cut_next.is_set():
                    self._cut_next.clear()
                    server.recv(1)  # the answer begins: the request has had its effect
                    self.cut_happened.set()
                    return
                _pump(server, client)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(65_536):
            target.sendall(chunk)
    except OSError:
        return
