"""Health: what a load balancer and an operator can rely on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import NamedTuple

import pytest

from service.app import create_app
from service.bootstrap import Runtime
from service.storage.database import Database, open_engine
from tests.api.callers import Caller
from tests.handlers.scanning.peer import running_peer


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_process_that_runs_is_live(anonymous):
    assert anonymous.get("/health/live").json == {"status": "live"}


def test_a_house_with_database_schema_and_disk_is_ready(anonymous):
    answer = anonymous.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json["checks"]["database"] == "ok"


def test_the_scanner_is_told_of_and_does_not_stop_the_house(runtime: Runtime, anonymous):
    assert anonymous.get("/health/ready").json["checks"]["scanner"] == "not configured: files are not scanned"
    with running_peer() as peer:
        scanned = replace(runtime, settings=replace(runtime.settings, scanner=peer.settings))
        caller = Caller(create_app(scanned).test_client())
        assert caller.get("/health/ready").json["checks"]["scanner"] == "ok"
    answer = caller.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json["checks"]["scanner"] == "unreachable: new files wait"


def test_without_its_database_it_is_not_ready(runtime: Runtime):
    engine = open_engine("host=/nowhere dbname=none user=none")
    lost = replace(runtime, database=Database(engine, runtime.clock))
    answer = Caller(create_app(lost).test_client()).get("/health/ready")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"] == "unreachable"
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(("free", "state", "status"), [(50, "ok", 200), (10, "low", 200), (3, "full", 503)])
def test_little_free_disk_is_told_before_it_hurts(anonymous, monkeypatch, free, state, status):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100 - free, free))
    answer = anonymous.get("/health/ready")
    assert answer.json["checks"]["disk"] == state
    assert answer.status_code == status


def test_a_request_without_the_database_is_told_to_come_back(runtime: Runtime):
    engine = open_engine("host=/nowhere dbname=none user=none")
    lost = replace(runtime, database=Database(engine, runtime.clock))
    answer = Caller(create_app(lost).test_client(), "x" * 43).get("/api/v1/me")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.json["code"] == "database.unavailable"
