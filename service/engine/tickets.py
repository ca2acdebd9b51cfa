"""Putting jobs on the queue, in the transaction that makes them."""

from __future__ import annotations

from service.engine.resources import JobTicket
from service.storage import jobs
from service.storage.unit_of_work import UnitOfWork


def defer_job(unit: UnitOfWork, ticket: JobTicket) -> None:
    """Write the ticket of a job into the unit's transaction."""
    jobs.defer(unit, [ticket.job_id], ticket.due_at)
