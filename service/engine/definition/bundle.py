"""A deployment as a value: BPMN, DMN and forms under one key, named by the hash of their content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

FORM_SUFFIX = ".form.json"
FORM_FOLDER = "forms/"
SHARED_FOLDER = "shared/"
_CALL = re.compile(rb"\bcalledElement=\"([^\"]+)\"")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_DECLARATION = re.compile(rb"<(?:\w+:)?(?:process|decision|decisionService)\s[^>]*?\bid=\"([^\"]+)\"")


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle.

    Attributes:
        path: relative, with ``/``, NFC; unique in its bundle.
        content: the bytes as uploaded.
    """

    path: str
    content: bytes


@dataclass(frozen=True)
class Bundle:
    """What is deployed as one version.

    Attributes:
        key: the id of the bundle's main process.
        files: BPMN and DMN files at the top, forms as ``forms/<form key>.form.json``.
    """

    key: str
    files: tuple[BundleFile, ...]

    @cached_property
    def content_hash(self) -> str:
        """The SHA-256, in hex, over the sorted paths and contents, each with its length before it.

        The lengths keep two bundles from meeting whose bytes only join up to the same text.
        """
        digest = hashlib.sha256()
        for file in sorted(self.files, key=lambda one: one.path):
            for part in (file.path.encode(), file.content):
                digest.update(len(part).to_bytes(8))
                digest.update(part)
        return digest.hexdigest()

    def bpmn(self) -> tuple[BundleFile, ...]:
        """Return the BPMN files in order of path."""
        return self._ending(".bpmn")

    def dmn(self) -> tuple[BundleFile, ...]:
        """Return the DMN files in order of path."""
        return self._ending(".dmn")

    def forms(self) -> Mapping[str, BundleFile]:
        """Return the forms by form key (``<process id>/<user task id>``)."""
        return self._forms

    @cached_property
    def _forms(self) -> Mapping[str, BundleFile]:
        return {form_key(file.path): file for file in self._ending(FORM_SUFFIX)}

    def _ending(self, suffix: str) -> tuple[BundleFile, ...]:
        files = (file for file in self.files if file.path.endswith(suffix))
        return tuple(sorted(files, key=lambda one: one.path))

    @classmethod
    def from_directory(
        cls, path: Path, forms_root: Path | None = None, shared_root: Path | None = None
    ) -> Self:
        """Read the bundle ``processes/<key>``, and its forms from ``<forms_root>/<key>`` where given.

        Only files of the three kinds are taken, so that notes and pictures may lie beside them. Of the shared
        processes and decisions in ``shared_root`` those are added that the bundle names, with their forms; so
        are the processes of folders beside it that a call activity names. A version holds all that it runs: a
        later change of what is shared changes no running instance.
        """
        own = _read_below(path, path, "")
        shared = _called_files(own, path)
        if shared_root is not None:
            shared += _named_files(own + shared, _read_below(shared_root, shared_root, SHARED_FOLDER))
        files = own + shared
        forms_of = [path.name, *(name for file in shared for name in _declared_ids(file))]
        if forms_root is not None:
            for name in forms_of:
                if (forms_root / name).is_dir():
                    files += _read_below(forms_root / name, forms_root, FORM_FOLDER)
        return cls(path.name, tuple(sorted(files, key=lambda one: one.path)))


def _called_files(own: list[BundleFile], path: Path) -> list[BundleFile]:
    """Return the files of the processes beside ``path`` that call activities name, and of those they name."""
    found: dict[str, list[BundleFile]] = {}
    reading = list(own)
    while reading:
        for name in _CALL.findall(reading.pop().content):
            key = name.decode("utf-8", "replace")
            folder = path.parent / key
            if key not in found and key != path.name and _KEY.fullmatch(key) and folder.is_dir():
                found[key] = _read_below(folder, folder, SHARED_FOLDER)
                reading += found[key]
    return [file for files in found.values() for file in files]


def _named_files(own: list[BundleFile], shared: list[BundleFile]) -> list[BundleFile]:
    """Return the shared files that declare something which the own files, or a file so found, name."""
    found: list[BundleFile] = []
    reading = list(own)
    while reading:
        content = reading.pop().content
        fresh = [file for file in shared if file not in found and _names(content, file)]
        found += fresh
        reading += fresh
    return found


def _names(content: bytes, file: BundleFile) -> bool:
    return any(
        f'"{name}"'.encode() in content or f">{name}<".encode() in content for name in _declared_ids(file)
    )


def _declared_ids(file: BundleFile) -> list[str]:
    return [name.decode("utf-8", "replace") for name in _DECLARATION.findall(file.content)]


def form_key(path: str) -> str:
    """Return the form key of the bundle path ``forms/<form key>.form.json``."""
    return path.removeprefix(FORM_FOLDER).removesuffix(FORM_SUFFIX)


def is_bundle_file(path: str) -> bool:
    """Say whether a path is one of the kinds that a bundle holds."""
    return path.endswith((".bpmn", ".dmn", FORM_SUFFIX))


def _read_below(folder: Path, root: Path, prefix: str) -> list[BundleFile]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and is_bundle_file(path.name))
    return [BundleFile(prefix + path.relative_to(root).as_posix(), path.read_bytes()) for path in found]
