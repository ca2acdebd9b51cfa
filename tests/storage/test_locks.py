"""The leader lock: one leader, the next one as soon as it is gone."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest

from service.storage.locks import LeaderLock
from tests.harness import TestDatabase

LEAD_FOR_EVER = (
    "import sys, threading; from service.storage.locks import LeaderLock;"
    "lock = LeaderLock(sys.argv[1], 'duty'); print(lock.try_acquire(), flush=True); threading.Event().wait()"
)


def test_one_process_leads_until_it_gives_up(worker_database: TestDatabase) -> None:
    conninfo = worker_database.runtime_conninfo
    with LeaderLock(conninfo, "duty") as first, LeaderLock(conninfo, "duty") as second:
        assert first.try_acquire()
        assert first.try_acquire()
        assert not second.try_acquire()
        first.release()
        assert second.try_acquire()
        assert not first.try_acquire()


def test_duties_have_leaders_of_their_own(worker_database: TestDatabase) -> None:
    conninfo = worker_database.runtime_conninfo
    with LeaderLock(conninfo, "duty") as first, LeaderLock(conninfo, "other duty") as second:
        assert first.try_acquire()
        assert second.try_acquire()


def test_a_killed_leader_is_followed_by_another(worker_database: TestDatabase) -> None:
    conninfo = worker_database.runtime_conninfo
    command = [sys.executable, "-c", LEAD_FOR_EVER, conninfo]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline().strip() == "True"
        with LeaderLock(conninfo, "duty") as heir:
            assert not heir.try_acquire()
            leader.kill()
            leader.wait()
            while not heir.try_acquire():  # the server notices the broken connection at its own pace
                pass


def test_a_leader_whose_connection_broke_does_not_think_it_leads(worker_database: TestDatabase) -> None:
    with LeaderLock(worker_database.runtime_conninfo, "duty") as lock:
        assert lock.try_acquire()
        with psycopg.connect(worker_database.superuser_conninfo, autocommit=True) as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                " AND classid::bigint = (hashtext('duty')::bigint & 4294967295) AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())",
            )
        assert not lock.try_acquire()
        assert lock.try_acquire()


def test_without_a_database_nobody_leads(tmp_path: object) -> None:
    assert not LeaderLock(f"host={tmp_path} user=nobody dbname=none", "duty").try_acquire()


@pytest.mark.parametrize("name", ["duty", "congvan.scheduler", ""])
def test_any_name_can_be_a_duty(worker_database: TestDatabase, name: str) -> None:
    with LeaderLock(worker_database.runtime_conninfo, name) as lock:
        assert lock.try_acquire()
