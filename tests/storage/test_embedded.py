"""The embedded PostgreSQL: it starts on nothing, starts again, and complains in one line."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from service.storage import embedded
from tests.harness import FAST


@pytest.fixture
def data_dir(server_directory: Path) -> Iterator[Path]:
    path = server_directory / "pg"
    yield path
    embedded.stop(path)


def test_a_second_start_finds_the_running_server(data_dir: Path) -> None:
    first = embedded.ensure_running(data_dir, FAST)
    with psycopg.connect(first) as connection:
        pid = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
    with psycopg.connect(embedded.ensure_running(data_dir, FAST)) as connection:
        assert connection.execute("SELECT pg_postmaster_start_time()").fetchone() == pid


def test_rows_survive_a_killed_server(data_dir: Path) -> None:
    with psycopg.connect(embedded.ensure_running(data_dir), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    os.kill(int((data_dir / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    with psycopg.connect(embedded.ensure_running(data_dir)) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_pid_file_of_another_process_does_not_stop_the_start(data_dir: Path) -> None:
    embedded.ensure_running(data_dir, FAST)
    embedded.stop(data_dir)
    (data_dir / "postmaster.pid").write_text(
        f"{os.getpid()}\n{data_dir}\n1\n5432\n{data_dir}\n\n0 0\nready\n"
    )
    with psycopg.connect(embedded.ensure_running(data_dir, FAST)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (embedded.OWNER,)


def test_nobody_but_the_owner_of_the_data_reaches_the_socket(data_dir: Path) -> None:
    embedded.ensure_running(data_dir, FAST)
    assert data_dir.stat().st_mode & 0o077 == 0
    with psycopg.connect(embedded.superuser_conninfo(data_dir)) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_path_too_long_for_a_socket_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(embedded.EmbeddedDatabaseError, match="CONGVAN_VAR_DIR") as refusal:
        embedded.ensure_running(tmp_path / ("x" * 120) / "pg")
    assert "\n" not in str(refusal.value)


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(embedded.EmbeddedDatabaseError, match="cannot be written") as refusal:
        embedded.ensure_running(tmp_path / "file" / "pg")
    assert "\n" not in str(refusal.value)


def test_stopping_what_never_ran_does_nothing(tmp_path: Path) -> None:
    embedded.stop(tmp_path / "pg")
    assert not (tmp_path / "pg").exists()
