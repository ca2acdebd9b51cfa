"""A house in one process: deploys models written as Python calls, acts as its people, moves its clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from sqlalchemy import select

from handlers.contract import Handler, HandlerContext, Parameter
from service.actions import deployments, instances, messages, user_tasks
from service.bootstrap import Runtime
from service.domain.clock import ManualClock
from service.engine.definition import is_error
from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.deployment import DeploymentChecker
from service.engine.engine import ProcessEngine
from service.engine.functions import function_names
from service.queries import incidents as incident_lists
from service.queries import instances as instance_lists
from service.queries import user_tasks as task_lists
from service.queries.definitions import DefinitionView
from service.queries.user_tasks import TaskFilter, TaskView
from service.storage.models import AuditEvent, Job, Outbox, Timer, table_of
from service.storage.unit_of_work import UnitOfWork
from service.worker import rounds
from tests.engine.spiff import bpmn
from tests.factories import Office

AUDIT = table_of(AuditEvent)
JOB = table_of(Job)
OUTBOX = table_of(Outbox)
TIMER = table_of(Timer)

SPECIALIST, COLLEAGUE, SUPERVISOR, ANALYST = "cv.tonghop1", "cv.tonghop2", "giamsat", "phantich"


def form(*names: str, required: Sequence[str] = (), **fields: Mapping[str, Any]) -> bytes:
    """Return a form with text fields ``names`` beside ``fields`` given whole."""
    described = {name: {"type": "string", "maxLength": 200} for name in names} | fields
    labels = {"x-label-vi": "Trường", "x-label-en": "Field"}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Biểu mẫu",
        "x-title-en": "Form",
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {name: {**labels, **schema} for name, schema in described.items()},
    }
    return json.dumps(document, ensure_ascii=False).encode()


NOTE_FORM = form("note")


def process(name: str, *parts: str, **properties: str) -> str:
    """Return a process that any specialist may start."""
    head = {"title_vi": "Quy trình thử", "title_en": "Trial", "may_start": '["role:specialist"]'}
    return bpmn.process(name, *parts, **{**head, **properties})


def task(name: str, owners: str = '"role:specialist"', inner: str = "", **properties: str) -> str:
    """Return a user task of the specialists."""
    return bpmn.user(name, inner, potential_owners=owners, **properties)


class Scripted:
    """A job whose outcomes a test writes down: results are returned, errors raised, calls made."""

    operation: ClassVar[str] = "test.post"
    runs: ClassVar[Any] = "job"
    errors: ClassVar[frozenset[str]] = frozenset({"refused"})
    parameters: ClassVar[tuple[Parameter, ...]] = (Parameter("to", False, "Nơi nhận", "Receiver"),)

    def __init__(self) -> None:
        self.outcomes: list[Any] = []
        self.calls: list[tuple[dict[str, Any], UUID]] = []

    def __call__(self, params: dict[str, Any], context: HandlerContext) -> dict[str, Any]:
        self.calls.append((params, context.idempotency_key))
        outcome = self.outcomes.pop(0) if self.outcomes else {"receipt": len(self.calls)}
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome(context) if callable(outcome) else outcome


class ScriptedInline(Scripted):
    """The same inside the transaction of the step."""

    operation: ClassVar[str] = "test.note"
    runs: ClassVar[Any] = "inline"


@dataclass
class House:
    """A wired house with one office."""

    runtime: Runtime
    office: Office
    clock: ManualClock
    post: Scripted = field(default_factory=Scripted)
    note: ScriptedInline = field(default_factory=ScriptedInline)

    def __post_init__(self) -> None:
        ours: tuple[Handler, ...] = (self.post, self.note)
        handlers = {**self.runtime.engine.resources.handlers, **{one.operation: one for one in ours}}
        resources = replace(self.runtime.engine.resources, handlers=handlers)
        checker = DeploymentChecker(handlers, function_names())
        self.runtime = replace(self.runtime, engine=ProcessEngine(resources), checker=checker)

    @property
    def engine(self) -> ProcessEngine:
        return self.runtime.engine

    def forget_definitions(self) -> None:
        """Be a process that has just started: no version is in memory."""
        self.runtime = replace(self.runtime, engine=ProcessEngine(self.engine.resources))

    def unit(self, login: str | None = None) -> UnitOfWork:
        """Return a unit of work of a person, or of the system."""
        actor = self.office.actor_for(login) if login else self.office.system
        return self.runtime.database.unit_of_work(actor)

    def deploy(
        self,
        *processes: str,
        forms: Mapping[str, bytes] | None = None,
        files: Mapping[str, bytes] | None = None,
        **named: str,
    ) -> DefinitionView:
        """Deploy a bundle whose main process is the first; tasks without a form of their own get one."""
        content = bpmn.definitions(*processes, **named)
        key = processes[0].split('id="', 1)[1].split('"', 1)[0]
        given = {"forms/shared/note.form.json": NOTE_FORM}
        given |= {f"forms/{name}.form.json": text for name, text in (forms or {}).items()}
        bundle_files = {f"{key}.bpmn": content} | given | dict(files or {})
        bundle = Bundle(key, tuple(BundleFile(path, text) for path, text in bundle_files.items()))
        faults = [one for one in self.runtime.checker.findings(bundle) if is_error(one)]
        assert not faults, "\n".join(f"{one.element} {one.code}: {one.en}" for one in faults)
        with self.unit(ANALYST) as unit:
            return deployments.deploy(self.runtime.checker, unit, bundle)

    def start(
        self,
        key: str,
        variables: Mapping[str, Any] | None = None,
        login: str = SPECIALIST,
        business_key: str | None = None,
    ) -> UUID:
        """Start an instance and return its id."""
        with self.unit(login) as unit:
            return instances.start(self.engine, unit, key, variables or {}, business_key).instance_id

    def tasks(self, instance: UUID | None = None, login: str = SUPERVISOR, **wanted: Any) -> list[TaskView]:
        """Return the open tasks that a person sees."""
        with self.unit(login) as unit:
            found = task_lists.list_tasks(unit, TaskFilter(instance_id=instance, **wanted), None, 200)
        return list(found.items)

    def task(self, element: str, instance: UUID | None = None) -> TaskView:
        """Return the one open task of an element."""
        (found,) = [one for one in self.tasks(instance) if one.element_id == element]
        return found

    def complete(
        self,
        element: str,
        data: Mapping[str, Any] | None = None,
        login: str = SPECIALIST,
        instance: UUID | None = None,
        on_behalf_of: str | None = None,
    ) -> TaskView:
        """Complete the one open task of an element."""
        task_id = self.task(element, instance).id
        return self.do(login, self.completion(task_id, data, on_behalf_of))

    def completion(
        self, task_id: UUID, data: Mapping[str, Any] | None = None, on_behalf_of: str | None = None
    ) -> Callable[[UnitOfWork], TaskView]:
        """Return the completion of a task as something to :meth:`do`."""
        return lambda unit: user_tasks.complete(
            self.engine, unit, task_id, None, data or {}, on_behalf_of=on_behalf_of
        )

    def do(self, login: str | None, act: Callable[[UnitOfWork], Any]) -> Any:
        """Run ``act`` in a unit of work of a person."""
        with self.unit(login) as unit:
            return act(unit)

    def message(self, name: str, key: str | None = None, **payload: Any) -> Any:
        """Correlate a message as the system."""
        message = messages.Message(name, key, payload)
        return self.do(None, lambda unit: messages.correlate(self.engine, unit, message))

    def signal(self, name: str, **payload: Any) -> int:
        """Broadcast a signal as a supervisor; it is under way until :meth:`send`."""
        return int(self.do(SUPERVISOR, lambda unit: messages.broadcast(unit, name, payload)))

    def detail(self, instance: UUID) -> instance_lists.InstanceDetail:
        """Return an instance as a supervisor reads it."""
        return self.do(SUPERVISOR, lambda unit: instance_lists.read_instance(self.engine, unit, instance))

    def state(self, instance: UUID) -> str:
        """Return an instance's state."""
        return self.do(SUPERVISOR, lambda unit: instance_lists.read_view(unit, instance)).state

    def variables(self, instance: UUID) -> Mapping[str, Any]:
        """Return an instance's variables."""
        return self.detail(instance).variables

    def waits_at(self, instance: UUID) -> list[str]:
        """Return the elements of the open tasks, sorted."""
        return sorted(one.element_id for one in self.tasks(instance))

    def timeline(self, instance: UUID, login: str = SUPERVISOR) -> list[instance_lists.TimelineEntry]:
        """Return what happened in an instance."""
        read = instance_lists.read_timeline
        return list(self.do(login, lambda unit: read(self.engine, unit, instance, None, 200)).items)

    def completed(self, instance: UUID) -> list[str]:
        """Return the elements that were completed, in order."""
        entries = self.timeline(instance)
        return [step.element_id for entry in entries for step in entry.steps if step.kind == "completed"]

    def incidents(self, *, is_open: bool | None = True) -> list[incident_lists.IncidentView]:
        """Return the incidents, newest first."""
        read = incident_lists.list_incidents
        return list(self.do(SUPERVISOR, lambda unit: read(unit, None, 200, is_open=is_open)).items)

    def audit(self, action: str) -> list[Any]:
        """Return the audit events of an action, oldest first."""
        statement = select(AUDIT).where(AUDIT.c.action == action).order_by(AUDIT.c.id)
        return self.do(None, lambda unit: unit.session.execute(statement).all())

    def rows(self, table: Any, *conditions: Any) -> list[Any]:
        """Return the rows of a table of the office."""
        return self.do(None, lambda unit: unit.session.execute(select(table).where(*conditions)).all())

    def advance(self, **step: float) -> None:
        """Move the clock forwards."""
        self.clock.advance(timedelta(**step))

    def fire(self) -> int:
        """Fire the timers that are due."""
        return rounds.fire_timers(self.runtime)

    def run_jobs(self) -> int:
        """Run the jobs that are due."""
        return rounds.run_due_jobs(self.runtime)

    def send(self) -> int:
        """Send what the outbox holds, until nothing more goes out; return how much went."""
        total = 0
        while sent := rounds.send_outbox(self.runtime):
            total += sent
        return total

    def tickets(self) -> int:
        """Return how many tickets of jobs the queue holds."""
        with psycopg.connect(self.runtime.conninfo) as connection:
            ours = "status = 'todo' AND task_name = 'congvan.run_job'"
            row = connection.execute(f"SELECT count(*) FROM procrastinate_jobs WHERE {ours}").fetchone()
        assert row is not None
        return int(row[0])
