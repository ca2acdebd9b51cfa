"""Content-addressed files: told by content, never doubled, never half there, seen by their agency only."""

from __future__ import annotations

import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from service.domain.clock import ManualClock
from service.domain.errors import NotFound, TooLarge
from service.storage.blobs import ORPHAN_AGE, BlobStore
from service.storage.database import Database
from service.storage.models import Blob
from tests.factories import Office

PDF = b"%PDF-1.7\n" + b"x" * 5000


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs", limit_bytes=10_000)


def _files(store: BlobStore) -> list[Path]:
    return sorted(path for path in store.directory.rglob("*") if path.is_file() and path.name != ".lock")


def test_a_content_is_stored_under_its_sha256(database: Database, office: Office, store: BlobStore) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        stored = store.put(unit, io.BytesIO(PDF))
        assert b"".join(store.chunks(unit, stored.sha256)) == PDF
        assert store.find(unit, stored.sha256) == stored
    assert stored.sha256 == hashlib.sha256(PDF).digest()
    assert (stored.size_bytes, stored.media_type) == (len(PDF), "application/pdf")
    assert store.check(stored.sha256)
    assert _files(store) == [store.path_of(stored.sha256)]


def test_the_same_content_is_stored_once(database: Database, office: Office, store: BlobStore) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        assert store.put(unit, io.BytesIO(PDF)) == store.put(unit, io.BytesIO(PDF))
        assert len(unit.session.execute(select(Blob)).all()) == 1
    assert len(_files(store)) == 1


def test_another_agency_cannot_read_a_content_by_its_address(
    database: Database, office: Office, other_office: Office, store: BlobStore
) -> None:
    with database.unit_of_work(office.system) as unit:
        stored = store.put(unit, io.BytesIO(PDF))
    with database.unit_of_work(other_office.system) as unit, pytest.raises(NotFound):
        store.open(unit, stored.sha256)
    with database.unit_of_work(other_office.system) as unit:
        store.put(unit, io.BytesIO(PDF))
        assert store.open(unit, stored.sha256).read() == PDF


def test_a_content_over_the_limit_leaves_nothing_behind(
    database: Database, office: Office, store: BlobStore
) -> None:
    with database.unit_of_work(office.system) as unit, pytest.raises(TooLarge):
        store.put(unit, io.BytesIO(b"x" * 10_001))
    assert _files(store) == []


def test_a_source_that_breaks_leaves_nothing_behind(store: BlobStore) -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.write(Broken())
    assert _files(store) == []


def test_a_changed_file_is_noticed(store: BlobStore) -> None:
    stored = store.write(io.BytesIO(PDF))
    path = store.path_of(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(PDF[:-1] + b"y")
    assert not store.check(stored.sha256)
    path.unlink()
    assert not store.check(stored.sha256)


def _age(path: Path, clock: ManualClock, age: timedelta) -> None:
    at = (clock.now() - age).timestamp()
    os.utime(path, (at, at))


def test_only_old_files_without_a_row_are_swept(
    database: Database, office: Office, store: BlobStore, clock: ManualClock
) -> None:
    with database.unit_of_work(office.system) as unit:
        kept = store.put(unit, io.BytesIO(b"kept"))
    young, old = store.write(io.BytesIO(b"young")), store.write(io.BytesIO(b"old"))
    draft = store.directory / "incoming" / ("ab" * 16)
    draft.write_bytes(b"half")
    for path in (store.path_of(kept.sha256), store.path_of(old.sha256), draft):
        _age(path, clock, ORPHAN_AGE + timedelta(minutes=1))
    _age(store.path_of(young.sha256), clock, ORPHAN_AGE - timedelta(minutes=1))
    with database.session() as session:
        assert store.sweep_orphans(session, clock.now()) == 2
        assert store.sweep_orphans(session, clock.now()) == 0
    assert set(_files(store)) == {store.path_of(kept.sha256), store.path_of(young.sha256)}


def test_an_orphan_that_is_stored_again_is_young_again(
    database: Database, store: BlobStore, clock: ManualClock
) -> None:
    stored = store.write(io.BytesIO(PDF))
    _age(store.path_of(stored.sha256), clock, ORPHAN_AGE * 2)
    store.write(io.BytesIO(PDF))
    with database.session() as session:
        assert store.sweep_orphans(session, clock.now()) == 0
    assert store.check(stored.sha256)


def test_sweeping_before_anything_was_stored_does_nothing(
    database: Database, store: BlobStore, clock: ManualClock
) -> None:
    with database.session() as session:
        assert store.sweep_orphans(session, clock.now()) == 0


def test_an_address_that_is_no_sha256_names_no_path(store: BlobStore) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        store.path_of(b"../../etc/passwd")
