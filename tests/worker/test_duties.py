"""A duty repeats, waits while the database is away, and never dies unseen."""

import threading

from sqlalchemy.exc import OperationalError

from service.worker.duties import Duty, DutyThread


def run_duty(work, *, until_lost=False):
    stop = threading.Event()
    lost: list[str] = []

    def on_lost(name):
        lost.append(name)
        stop.set()

    thread = DutyThread(Duty("sample", lambda: work(stop), pause_seconds=0.001), stop, on_lost)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    return lost


def test_a_duty_goes_on_after_the_database_was_away():
    calls = []

    def work(stop):
        calls.append(len(calls))
        if len(calls) == 1:
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        stop.set()
        return 0

    assert run_duty(work) == []
    assert calls == [0, 1]


def test_a_duty_that_ends_by_an_unforeseen_fault_is_reported(recwarn):
    def work(_stop):
        raise ZeroDivisionError

    assert run_duty(work) == ["sample"]
