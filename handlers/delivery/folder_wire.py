"""Into a shared folder: the package, its files and a manifest, put in place by one rename.

A reader of the folder never sees half of it: everything is written beside, synced, and then renamed. The same
document again finds its place taken and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from handlers.contract import RetryLater
from handlers.delivery.peers import refusal
from handlers.delivery.wires import Parcel, packed
from service.domain.dispatch_faults import fault_text
from service.storage.file_names import clean_name
from service.storage.unit_of_work import UnitOfWork

_FOLDER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_KEY_CHARACTERS: Final = 24


class FolderWire:
    """Drops packages into ``<root>/<folder of the partner>``.

    Args:
        root: of the deployment; None = no folders are used.
    """

    def __init__(self, root: Path | None) -> None:
        self._root = root

    def carry(self, unit: UnitOfWork, parcel: Parcel) -> None:
        """Drop the parcel; see :class:`~handlers.delivery.wires.Wire`."""
        name = parcel.receiver.folder or parcel.receiver.organ_id
        if self._root is None or not _FOLDER.fullmatch(name):
            raise refusal("folder.unknown", name)
        box = self._root / name
        target = box / f"{_UNSAFE.sub('_', _title(parcel))}-{_short(parcel.dedupe_key)}"
        draft = box / f".{secrets.token_hex(8)}"
        try:
            box.mkdir(parents=True, exist_ok=True)
            if target.exists():
                return
            draft.mkdir()
            _write(draft, parcel, unit.now.isoformat())
            draft.rename(target)
            _sync(box)
        except OSError as error:
            raise RetryLater(fault_text("folder.unreachable", type(error).__name__)) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _title(parcel: Parcel) -> str:
    message = parcel.message
    number = getattr(message, "code_number", "") or getattr(message, "code", "")
    return f"{parcel.kind}-{number}-{getattr(message, 'code_notation', '')}".strip("-")


def _short(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_KEY_CHARACTERS]


def _write(folder: Path, parcel: Parcel, at: str) -> None:
    """Write package, files and manifest; each file is on the disk before the manifest names it."""
    members = []
    with packed(parcel) as (stream, _size):
        members.append(_put(folder / "package.edxml", iter(lambda: stream.read(65_536), b"")))
    for number, file in enumerate(parcel.files):
        with file.open() as source:
            name = f"{number + 1:02d}-{clean_name(file.note.name)}"
            members.append(_put(folder / name, iter(lambda: source.read(65_536), b"")))
    manifest = {
        "kind": parcel.kind,
        "receiver": parcel.receiver.organ_id,
        "dedupe_key": parcel.dedupe_key,
        "at": at,
        "files": members,
    }
    _put(folder / "manifest.json", [json.dumps(manifest, ensure_ascii=False, indent=2).encode()])
    _sync(folder)


def _put(path: Path, pieces: Iterable[bytes]) -> dict[str, object]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return {"name": path.name, "sha256": digest.hexdigest(), "size_bytes": size}


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
