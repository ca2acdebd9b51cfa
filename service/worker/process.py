"""The worker process: its duties in threads, the queue's jobs, and the leader's calendar."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

from service.bootstrap import Runtime
from service.storage.jobs import QUEUE_SERVICE_TASKS, QUEUE_SWEEPS, WORKER_OPTIONS, make_job_app
from service.storage.locks import SCHEDULER, LeaderLock
from service.worker import rounds
from service.worker.duties import Duty, DutyThread

log = logging.getLogger("congvan.worker")

JOB_THREADS: Final = 4
STOP_SECONDS: Final = 40.0
_SWEEP_SECONDS: Final = 60
_SEAL_SECONDS: Final = 10
_START_SECONDS: Final = 1
_REMINDER_SECONDS: Final = 30
_HOUSEKEEPING_SECONDS: Final = 3600


class DutyLostError(RuntimeError):
    """A duty of this worker has ended by a fault: the process must not look healthy without it."""


class Worker:
    """Does what is due until it is told to stop.

    Args:
        runtime: the house.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._stop = threading.Event()
        self._lost: str | None = None
        self._leader = LeaderLock(runtime.conninfo, SCHEDULER)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is under way is finished, the rest stays in the database."""
        threads = [DutyThread(duty, self._stop, self._lose) for duty in self._duties()]
        scheduler = self._scheduler()
        for thread in threads:
            thread.start()
        scheduler.start()
        log.info("worker started", extra={"action": "worker.start"})
        try:
            asyncio.run(self._run_jobs())
        finally:
            self._stop.set()
            scheduler.shutdown(wait=True)
            for thread in threads:
                thread.join(STOP_SECONDS)
            self._leader.release()
            log.info("worker stopped", extra={"action": "worker.stop"})

    def _duties(self) -> list[Duty]:
        runtime = self._runtime
        return [
            Duty("timers", lambda: rounds.fire_timers(runtime), pause_seconds=0.5),
            Duty("outbox", lambda: rounds.send_outbox(runtime), pause_seconds=0.5),
            Duty("scans", lambda: rounds.scan_files(runtime), pause_seconds=1.0),
            Duty("wipes", lambda: rounds.wipe_spills(runtime), pause_seconds=5.0),
            Duty("axis", lambda: rounds.poll_axis(runtime), pause_seconds=2.0),
        ]

    def _scheduler(self) -> BackgroundScheduler:
        """Return the calendar's ticks; only the leader acts on them, all state is in tables."""
        scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
        ticks = {
            self._tick_starts: _START_SECONDS,
            self._tick_seal: _SEAL_SECONDS,
            self._tick_reminders: _REMINDER_SECONDS,
            self._tick_silences: _REMINDER_SECONDS,
            self._tick_sweep: _SWEEP_SECONDS,
            self._tick_housekeeping: _HOUSEKEEPING_SECONDS,
        }
        now = self._runtime.clock.now()  # at once: what a killed worker left must not wait a whole round
        for tick, seconds in ticks.items():
            scheduler.add_job(tick, "interval", seconds=seconds, next_run_time=now)
        return scheduler

    def _tick_starts(self) -> None:
        if self._leader.try_acquire():
            rounds.start_processes(self._runtime)

    def _tick_seal(self) -> None:
        if self._leader.try_acquire():
            rounds.seal_audit(self._runtime)

    def _tick_reminders(self) -> None:
        if self._leader.try_acquire():
            rounds.follow_states(self._runtime)
            rounds.remind(self._runtime)

    def _tick_silences(self) -> None:
        if self._leader.try_acquire():
            rounds.alert_silences(self._runtime)

    def _tick_sweep(self) -> None:
        if self._leader.try_acquire():
            rounds.requeue_lost_jobs(self._runtime)
            rounds.end_guests(self._runtime)
            rounds.forward_strays(self._runtime)

    def _tick_housekeeping(self) -> None:
        rounds.refresh_trust(self._runtime)  # every host judges signatures by a folder of its own
        if self._leader.try_acquire():
            rounds.renew_signatures(self._runtime)
            rounds.sweep_expired(self._runtime)
            rounds.sweep_files(self._runtime)

    async def _run_jobs(self) -> None:
        """Run the queue's worker until a signal, or until a duty has ended; it finishes the jobs under way.

        Raises:
            DutyLostError: a duty's thread is gone; whoever supervises this process starts it again.
        """
        runtime = self._runtime
        app = make_job_app(runtime.conninfo, lambda *job: rounds.run_job(runtime, *job))
        loop = asyncio.get_running_loop()
        async with app.open_async():
            work = loop.create_task(
                app.run_worker_async(
                    queues=[QUEUE_SERVICE_TASKS, QUEUE_SWEEPS],
                    concurrency=JOB_THREADS,
                    install_signal_handlers=False,
                    **WORKER_OPTIONS,
                ),
            )
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, work.cancel)
            try:
                await work
            except asyncio.CancelledError:
                log.info("worker stopping", extra={"action": "worker.stopping"})
        if self._lost is not None:
            raise DutyLostError(f"the duty {self._lost} has ended by a fault")

    def _lose(self, duty: str) -> None:
        """Stop this process, because one of its duties is gone."""
        self._lost = duty
        log.error("a duty has ended", extra={"action": "duty.lost", "duty": duty})
        os.kill(os.getpid(), signal.SIGTERM)
