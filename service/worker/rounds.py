"""One round of each duty, as functions: the worker calls them again and again, tests call them once.

Every function takes its rows across agencies from the database, then handles each in the unit of work of its
own agency. A fault of one row is logged and does not stop the round.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from handlers.accounts.strays import forward_stray
from handlers.contract import RetryLater
from handlers.delivery.peers import PeerRules
from handlers.scanning.clamd import Clamd
from handlers.signing.revocation_lists import refresh_lists
from service.actions import (
    archives,
    audit,
    axis_box,
    deadline_stops,
    deliveries,
    guests,
    jobs,
    outbox,
    reminders,
    scans,
    spills,
    timers,
)
from service.bootstrap import Runtime
from service.domain.actors import system_actor
from service.domain.errors import CongVanError
from service.storage.database import unavailable
from service.storage.unit_of_work import UnitOfWork

log = logging.getLogger("congvan.worker")

BATCH: Final = 200
JOB_GRACE_SECONDS: Final = 60


def _no_matter(unit: UnitOfWork, object_id: UUID, fault: str) -> None:
    """Leave the row as it is: it is tried again in the next round."""
    del unit, object_id, fault


@dataclass(frozen=True, slots=True)
class RowAct:
    """What a round does to each row that is due.

    Attributes:
        name: for the log and the audit.
        act: does it, in a unit of work of the row's agency; takes the row's id.
        after_fault: makes the row wait after an unexpected error, in a unit of its own; takes the id and what
            went wrong, in one line.
    """

    name: str
    act: Callable[[UnitOfWork, UUID], Any]
    after_fault: Callable[[UnitOfWork, UUID, str], None] = _no_matter


def fire_timers(runtime: Runtime, limit: int = BATCH) -> int:
    """Fire the timers that are due; return how many fired."""
    engine = runtime.engine
    firing = RowAct("timer", lambda unit, found: timers.fire_due(engine, unit, found), timers.hold_faulty)
    rows = {row.instance_id: row for row in _due(runtime, "due_timers", limit)}
    return sum(_do(runtime, firing, row, found) or 0 for found, row in rows.items())


def start_processes(runtime: Runtime, limit: int = BATCH) -> int:
    """Start the processes whose timer start events are due; return how many started."""
    engine = runtime.engine
    starting = RowAct(
        "timer_start",
        lambda unit, found: timers.start_due(engine, unit, found),
        timers.postpone_start,
    )
    return sum(bool(_do(runtime, starting, row, row.id)) for row in _due(runtime, "due_timer_starts", limit))


def send_outbox(runtime: Runtime, limit: int = BATCH) -> int:
    """Send what the outbox holds and is due; return how many rows were sent."""
    engine, channels = runtime.engine, runtime.channels
    sending = RowAct(
        "outbox",
        lambda unit, found: outbox.send_one(engine, unit, channels, found),
        outbox.record_crash,
    )
    return sum(_do(runtime, sending, row, row.id) == "sent" for row in _due(runtime, "due_outbox", limit))


def remind(runtime: Runtime, limit: int = BATCH) -> int:
    """Remind of the deadlines that are due a reminder; return how many reminders were sent."""
    telling = RowAct("reminder", reminders.remind, reminders.postpone)
    rows = _due(runtime, "due_reminders", limit)
    return sum(_do(runtime, telling, row, row.id) is not None for row in rows)


def follow_states(runtime: Runtime, limit: int = BATCH) -> int:
    """Stop and start the clocks whose rule stops in a state of the work; return how many."""
    engine = runtime.engine
    following = RowAct("deadline", lambda unit, found: deadline_stops.follow_state(engine, unit, found))
    rows = _due(runtime, "disagreeing_clocks", limit)
    return sum(_do(runtime, following, row, row.id) is not None for row in rows)


def run_due_jobs(runtime: Runtime, limit: int = BATCH) -> int:
    """Run the jobs that are due without the queue, as tests do; return how many got through."""
    rows = _due(runtime, "due_jobs", limit)
    return sum(run_job(runtime, row.agency_id, row.agency_code, row.id) == "done" for row in rows)


def run_job(runtime: Runtime, agency_id: UUID, agency_code: str, job_id: UUID) -> str:
    """Run one job to its end: done, caught by the diagram, to be retried, or an incident."""
    actor = system_actor(agency_id, agency_code, f"job:{job_id}")
    try:
        with runtime.database.unit_of_work(actor) as unit:
            return jobs.run(runtime.engine, unit, job_id)
    except jobs.JobOvertaken:
        return "skipped"
    except (RetryLater, CongVanError) as error:
        fault = jobs.fault_of(error)
    except Exception as error:
        if unavailable(error):
            raise
        log.exception("job crashed", extra={"action": "job.crash", "job_id": str(job_id)})
        fault = jobs.fault_of(error)
    with runtime.database.unit_of_work(actor) as unit:
        return jobs.record_fault(runtime.engine, unit, job_id, fault)


def requeue_lost_jobs(runtime: Runtime, limit: int = BATCH) -> int:
    """Write new tickets for jobs that have been due for a while and have none; return how many."""
    late = _due(runtime, "due_jobs", limit, timedelta(seconds=JOB_GRACE_SECONDS))
    requeued = 0
    for row in late:
        with runtime.database.unit_of_work(system_actor(row.agency_id, row.agency_code, "sweep")) as unit:
            requeued += jobs.requeue(runtime.engine, unit, row.id)
    return requeued


def end_guests(runtime: Runtime, limit: int = BATCH) -> int:
    """Disable the guests whose meeting is over; their sessions ended with it already. Return how many."""
    ending = RowAct("guest", guests.end_due_guest)
    return sum(bool(_do(runtime, ending, row, row.id)) for row in _due(runtime, "due_guests", limit))


def alert_silences(runtime: Runtime, limit: int = BATCH) -> int:
    """Tell the clerks of receivers that have not answered in time; return how many they were told of."""
    telling = RowAct("silence", deliveries.alert_silence, deliveries.postpone_alert)
    rows = _due(runtime, "due_silences", limit)
    return sum(bool(_do(runtime, telling, row, row.id)) for row in rows)


def renew_signatures(runtime: Runtime, limit: int = BATCH) -> int:
    """Renew the proof in signed files before it ends; return how many were renewed."""
    resources = runtime.engine.resources.handler_resources
    renewing = RowAct(
        "archive", lambda unit, found: archives.renew(unit, resources, found), archives.postpone
    )
    rows = _due(runtime, "due_signature_renewals", limit)
    return sum(_do(runtime, renewing, row, row.id) is not None for row in rows)


def refresh_trust(runtime: Runtime) -> int:
    """Fetch the revocation lists that this host judges signatures by; return how many were replaced."""
    return refresh_lists(runtime.settings.signing_places, runtime.clock.now())


def poll_axis(runtime: Runtime, limit: int = BATCH) -> int:
    """Empty the boxes of the exchange axis that are due; return how many packages were taken."""
    rules = PeerRules(allows_private=runtime.settings.calls_private_networks)
    tools = axis_box.AxisTools(runtime.database, runtime.engine, rules, runtime.sealer)
    rows = _due(runtime, "due_axis_polls", limit)
    return sum(axis_box.empty_box(tools, row.agency_id, row.agency_code) for row in rows)


def scan_files(runtime: Runtime, limit: int = BATCH) -> int:
    """Scan the contents that are due; return how many got a verdict. Without a scanner nothing is scanned."""
    if runtime.settings.scanner is None:
        return 0
    scanner, blobs = Clamd(runtime.settings.scanner), runtime.blobs
    scanning = RowAct(
        "scan", lambda unit, found: scans.scan_content(unit, blobs, scanner, found), scans.postpone
    )
    rows = _due(runtime, "due_scans", limit)
    return sum(_do(runtime, scanning, row, row.id) not in {None, "waiting"} for row in rows)


def wipe_spills(runtime: Runtime, limit: int = BATCH) -> int:
    """Erase the bytes of spills that were decided so; return how many spills are done."""
    blobs = runtime.blobs
    wiping = RowAct("wipe", lambda unit, found: spills.wipe_bytes(unit, blobs, found))
    return sum(_do(runtime, wiping, row, row.id) == "wiped" for row in _due(runtime, "due_wipes", limit))


def forward_strays(runtime: Runtime, limit: int = BATCH) -> int:
    """Give tasks that arose for people who had left to the head of their unit; return how many."""
    forwarding = RowAct("stray", forward_stray)
    return sum(bool(_do(runtime, forwarding, row, row.id)) for row in _due(runtime, "due_stray_tasks", limit))


def seal_audit(runtime: Runtime) -> int:
    """Chain the audit events that no transaction can add to any more; return how many."""
    return audit.seal(runtime.database)


def sweep_expired(runtime: Runtime) -> int:
    """Delete what has served its time (old login failures, kept answers, ended sessions); return how many."""
    statement = text("SELECT sweep_expired(:now)")
    with runtime.database.session() as session:
        return int(session.execute(statement, {"now": runtime.clock.now()}).scalar_one())


def sweep_files(runtime: Runtime) -> int:
    """Remove stored files that no agency names any more; return how many."""
    with runtime.database.session() as session:
        return runtime.blobs.sweep_orphans(session, runtime.clock.now())


def _due(runtime: Runtime, function: str, limit: int, grace: timedelta = timedelta()) -> Sequence[Any]:
    statement = text(f"SELECT * FROM {function}(:before, :limit)")  # noqa: S608 - fixed names
    with runtime.database.session() as session:
        return session.execute(statement, {"before": runtime.clock.now() - grace, "limit": limit}).all()


def _do(runtime: Runtime, wanted: RowAct, row: Any, object_id: UUID) -> Any:
    """Return what the act gives, None if it failed; one bad row must not stop the others, now or later."""
    actor = system_actor(row.agency_id, row.agency_code, f"{wanted.name}:{object_id}")
    try:
        with runtime.database.unit_of_work(actor) as unit:
            return wanted.act(unit, object_id)
    except Exception as error:
        if unavailable(error):
            raise
        facts = {"action": f"{wanted.name}.fault", "object_id": str(object_id)}
        log.exception("round failed", extra=facts)
        fault = type(error).__name__
    with runtime.database.unit_of_work(actor) as unit:
        wanted.after_fault(unit, object_id, fault)
    return None
