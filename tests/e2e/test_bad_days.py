"""What people see when a part of the house fails: a clear answer, no loss, nothing done twice."""

from __future__ import annotations

import threading
from collections import Counter

import psycopg
from psycopg.conninfo import make_conninfo

from service.storage import embedded
from tests.e2e.processes import ConnectionLost, HouseProcesses, until, wait_for_exit
from tests.factories import PASSWORD
from tests.harness import FAST


def count_memberships(database, login):
    with psycopg.connect(database.superuser_conninfo) as connection:
        row = connection.execute(
            "SELECT count(*) FROM membership m JOIN account a ON a.id = m.account_id WHERE a.login = %s",
            [login],
        ).fetchone()
    return row[0]


def test_a_database_restart_under_load_gives_503_and_then_heals_by_itself(house, own_server):
    house.start_web(CONGVAN_WEB_PROCESSES="2")
    token = house.log_in("vanthu", PASSWORD)
    seen, stop = [], threading.Event()

    def load():
        while not stop.is_set():
            try:
                seen.append(house.ask("GET", "/api/v1/me", token=token))
            except ConnectionLost as error:
                seen.append(error)

    people = [threading.Thread(target=load) for _ in range(4)]
    for person in people:
        person.start()
    try:
        until(lambda: len(seen) > 20)
        embedded.stop(own_server.data_dir)
        until(lambda: any(getattr(answer, "status", 0) == 503 for answer in list(seen)))
        embedded.ensure_running(own_server.data_dir, FAST)
        before = len(seen)
        until(lambda: sum(getattr(answer, "status", 0) == 200 for answer in list(seen[before:])) > 20)
    finally:
        stop.set()
        for person in people:
            person.join()
    statuses = Counter(getattr(answer, "status", repr(answer)) for answer in seen)
    assert set(statuses) == {200, 503}, house.log("web")
    refused = [answer for answer in seen if answer.status == 503]
    assert all(answer.headers["Retry-After"] and answer.json["code"] for answer in refused)
    assert house.web.poll() is None
    assert house.ask("GET", "/health/ready").status == 200


def test_a_cut_between_commit_and_its_answer_is_healed_by_the_idempotency_key(
    own_database, own_office, proxy, tmp_path
):
    through_proxy = make_conninfo(own_database.owner_conninfo, host=str(tmp_path))
    house = HouseProcesses(tmp_path, through_proxy)
    try:
        house.start_web()
        token = house.log_in("quantri", PASSWORD)
        before = count_memberships(own_database, "vanthu")
        request = ("POST", "/api/v1/accounts/vanthu/roles", {"role": "supervisor"})
        key = {"Idempotency-Key": "grant-once"}
        proxy.cut_after_next_commit()
        lost = house.ask(*request, token=token, headers=key)
        assert proxy.cut_happened.wait(10)
        assert lost.status == 503, lost.body
        assert count_memberships(own_database, "vanthu") == before + 1
        again = house.ask(*request, token=token, headers=key)
        assert again.status == 201, again.body
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.json["id"]
        assert count_memberships(own_database, "vanthu") == before + 1
        house.stop()
    finally:
        house.kill()


def test_the_same_key_sent_many_times_at_once_has_its_effect_once(house, own_database):
    house.start_web(CONGVAN_WEB_PROCESSES="2")
    token = house.log_in("quantri", PASSWORD)
    before = count_memberships(own_database, "vanthu")
    answers = []

    def send():
        answers.append(
            house.ask(
                "POST",
                "/api/v1/accounts/vanthu/roles",
                {"role": "analyst"},
                token=token,
                headers={"Idempotency-Key": "same"},
            )
        )

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
    assert count_memberships(own_database, "vanthu") == before + 1


def test_a_stop_lets_the_request_under_way_finish(house, own_database):
    house.start_web()
    token = house.log_in("quantri", PASSWORD)
    answers = []
    with psycopg.connect(own_database.superuser_conninfo) as blocker:
        blocker.execute("LOCK TABLE membership IN ACCESS EXCLUSIVE MODE")
        path = "/api/v1/accounts/vanthu/roles"
        sender = threading.Thread(
            target=lambda: answers.append(house.ask("POST", path, {"role": "analyst"}, token=token))
        )
        sender.start()
        until(lambda: _is_waiting_for_lock(own_database))
        house.web.terminate()
        assert not wait_for_exit(house.web, 1.0)
        blocker.rollback()
    sender.join()
    assert [answer.status for answer in answers] == [201]
    assert wait_for_exit(house.web, 30)
    assert house.web.returncode == 0


def test_web_and_worker_stop_by_themselves_when_told(house):
    house.start_web()
    house.start_worker()
    until(lambda: "worker started" in house.log("worker"))
    house.stop()


def _is_waiting_for_lock(database):
    with psycopg.connect(database.superuser_conninfo) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
        return connection.execute(query, [database.name]).fetchone()[0] > 0
