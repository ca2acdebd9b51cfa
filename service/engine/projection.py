"""What an instance waits for, as rows: written from the difference before and after a step.

Each kind costs at most two statements, whatever the number of rows, and none where nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, tuple_, update

from service.domain.ids import new_id
from service.engine.resources import EngineResources, JobTicket
from service.engine.spiff.activities import (
    Failure,
    JobWait,
    SubscriptionWait,
    TimerWait,
    UserTaskWait,
    Waiting,
)
from service.engine.view import Cause, InstanceRow
from service.storage.models import Incident, Job, Subscription, Timer, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

USER_TASK = table_of(UserTask)
TIMER = table_of(Timer)
SUBSCRIPTION = table_of(Subscription)
JOB = table_of(Job)
INCIDENT = table_of(Incident)


class Projection:
    """Writes the rows of one instance in one unit of work.

    Args:
        unit: the open unit of work.
        instance: the locked instance.
        resources: to put jobs on the queue.
    """

    def __init__(self, unit: UnitOfWork, instance: InstanceRow, resources: EngineResources) -> None:
        self._unit = unit
        self._instance = instance
        self._resources = resources

    def write(self, before: Waiting, after: Waiting, cause: Cause) -> list[dict[str, Any]]:
        """Write the difference and return the rows of the new user tasks.

        The rows of the completed task and of the resolved incident were already written by the one who asked.
        """
        created = self._user_tasks(before.user_tasks, after.user_tasks, cause.completed_task)
        self._timers(before.timers, after.timers)
        self._subscriptions(before.subscriptions, after.subscriptions)
        self._jobs(before.jobs, after.jobs)
        unresolved = [failure for failure in before.failures if failure.token_id != cause.resolved_token]
        self._incidents(unresolved, after.failures)
        return created

    def _common(self) -> dict[str, Any]:
        return {"agency_id": self._unit.actor.agency_id, "instance_id": self._instance.id}

    def _user_tasks(
        self,
        before: Iterable[UserTaskWait],
        after: Iterable[UserTaskWait],
        completed_task: UUID | None,
    ) -> list[dict[str, Any]]:
        known = {task.token_id for task in before}
        alive = {task.token_id for task in after}
        gone = known - alive - {completed_task}
        if gone:
            self._unit.session.execute(
                update(USER_TASK)
                .where(USER_TASK.c.id.in_(gone))
                .values(
                    state="obsolete",
                    is_open=False,
                    completed_at=self._unit.now,
                    draft=None,
                    version=USER_TASK.c.version + 1,
                ),
            )
        rows = [self._user_task_row(task) for task in after if task.token_id not in known]
        for row in rows:
            self._unit.insert(USER_TASK, row)
        return rows

    def _user_task_row(self, task: UserTaskWait) -> dict[str, Any]:
        initiator = self._instance.initiator_reference
        owners = [initiator if owner == "initiator" else owner for owner in task.potential_owners]
        excluded = [initiator if owner == "initiator" else owner for owner in task.excluded_owners]
        return self._common() | {
            "id": task.token_id,
            "process_key": self._instance.key,
            "element_id": task.element_id,
            "name": task.name,
            "subject": task.subject or self._instance.business_key or "",
            "form_key": task.form,
            "state": "ready",
            "is_open": True,
            "version": 1,
            "urgency": task.urgency,
            "due_at": task.due_at,
            "deadline": task.deadline_rule,
            "owners": [owner for owner in owners if owner],
            "excluded": [owner for owner in excluded if owner],
            "authority": task.authority,
            "assigner": initiator if task.assigner == "initiator" else task.assigner,
            "created_at": self._unit.now,
        }

    def _timers(self, before: Iterable[TimerWait], after: Iterable[TimerWait]) -> None:
        known = {(timer.token_id, timer.due_at) for timer in before}
        alive = {(timer.token_id, timer.due_at) for timer in after}
        gone = {token for token, _ in known - alive}
        if gone:
            self._delete(TIMER, gone)
        rows = [
            self._common()
            | {
                "id": new_id(self._unit.now),
                "token_id": timer.token_id,
                "element_id": timer.element_id,
                "due_at": timer.due_at,
                "held": False,
            }
            for timer in after
            if (timer.token_id, timer.due_at) not in known
        ]
        for row in rows:
            self._unit.insert(TIMER, row)

    def _delete(self, table: Any, tokens: Iterable[UUID]) -> None:
        self._unit.session.execute(
            delete(table).where(table.c.instance_id == self._instance.id, table.c.token_id.in_(tokens)),
        )

    def _subscriptions(self, before: Iterable[SubscriptionWait], after: Iterable[SubscriptionWait]) -> None:
        known = {_identity(wait) for wait in before}
        alive = {_identity(wait) for wait in after}
        gone = known - alive
        if gone:
            column = SUBSCRIPTION.c
            self._unit.session.execute(
                delete(SUBSCRIPTION).where(
                    column.instance_id == self._instance.id,
                    tuple_(column.token_id, column.kind, column.name).in_([key[:3] for key in gone]),
                ),
            )
        rows = [
            self._common()
            | {
                "id": new_id(self._unit.now),
                "token_id": wait.token_id,
                "element_id": wait.element_id,
                "kind": wait.kind,
                "name": wait.name,
                "correlation_key": wait.correlation_key,
            }
            for wait in after
            if _identity(wait) not in known and wait.kind != "conditional"
        ]
        for row in rows:
            self._unit.insert(SUBSCRIPTION, row)

    def _jobs(self, before: Iterable[JobWait], after: Iterable[JobWait]) -> None:
        known = {job.token_id for job in before}
        alive = {job.token_id for job in after}
        gone = known - alive
        if gone:
            self._unit.session.execute(
                update(JOB)
                .where(
                    JOB.c.instance_id == self._instance.id, JOB.c.token_id.in_(gone), JOB.c.state == "pending"
                )
                .values(state="cancelled"),
            )
        rows = [self._job_row(job) for job in after if job.token_id not in known]
        for row in rows:
            self._unit.insert(JOB, row)
        for row in rows:
            self._resources.defer_job(self._unit, JobTicket(row["id"]))

    def _job_row(self, job: JobWait) -> dict[str, Any]:
        return self._common() | {
            "id": new_id(self._unit.now),
            "token_id": job.token_id,
            "element_id": job.element_id,
            "operation": job.operation,
            "params": job.params,
            "state": "pending",
            "attempts": 0,
            "due_at": self._unit.now,
            "created_at": self._unit.now,
        }

    def _incidents(self, before: Iterable[Failure], after: Iterable[Failure]) -> None:
        known = {(failure.token_id, failure.at) for failure in before}
        alive = {(failure.token_id, failure.at) for failure in after}
        gone = {token for token, _ in known - alive}
        if gone:
            close_incidents(self._unit, self._instance.id, gone, self._unit.now)
        rows = [
            incident_row(self._unit, self._instance.id, failure)
            for failure in after
            if (failure.token_id, failure.at) not in known
        ]
        for row in rows:
            self._unit.insert(INCIDENT, row)


def _identity(wait: SubscriptionWait) -> tuple[UUID, str, str, str | None]:
    return (wait.token_id, wait.kind, wait.name, wait.correlation_key)


def incident_row(unit: UnitOfWork, instance_id: UUID, failure: Failure) -> dict[str, Any]:
    """Return the row of an incident for a step that could not go on."""
    return {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "instance_id": instance_id,
        "token_id": failure.token_id,
        "element_id": failure.element_id,
        "code": failure.code,
        "vi": failure.vi,
        "en": failure.en,
        "details": failure.details,
        "created_at": unit.now,
    }


def close_incidents(unit: UnitOfWork, instance_id: UUID, tokens: Iterable[UUID], at: datetime) -> None:
    """Mark the open incidents of these tokens as cancelled, unless an operator has resolved them."""
    unit.session.execute(
        update(INCIDENT)
        .where(
            INCIDENT.c.instance_id == instance_id,
            INCIDENT.c.token_id.in_(tokens),
            INCIDENT.c.resolved_at.is_(None),
        )
        .values(resolved_at=at, resolution="cancelled"),
    )
