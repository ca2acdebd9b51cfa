"""Turns a DOCX into a PDF by the LibreOffice of the machine, in a process of its own, with limits."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from handlers.documents.office_files import check_office_file
from handlers.resources import InspectionLimits
from service.domain.errors import InvalidInput, Unavailable

CONVERSION: Final = InspectionLimits(time=timedelta(seconds=60), memory_bytes=4 * 1024**3)
PROGRAMS: Final = ("soffice", "libreoffice")
_CONVERTER: Final = Path(__file__).with_name("converter.py")


def find_converter() -> Path | None:
    """Return where LibreOffice is, or None."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    return Path(found) if found else None


def convert_docx(path: Path, *, program: Path | None = None, limits: InspectionLimits = CONVERSION) -> bytes:
    """Return a DOCX as PDF/A-2.

    Args:
        path: of the file; it is checked first and only read.
        program: LibreOffice, None = the one of the machine.
        limits: processor time and memory; twice the time may pass on the clock.

    Raises:
        InvalidInput: ``file.unsafe``, or ``conversion.failed``.
        Unavailable: ``conversion.not_installed``.
    """
    check_office_file(path)
    found = program or find_converter()
    if found is None:
        vi = "Máy chủ chưa cài LibreOffice (gói libreoffice-writer-nogui); hãy tải tệp PDF lên thay tệp DOCX."
        en = "LibreOffice (package libreoffice-writer-nogui) is not installed; bring a PDF instead."
        raise Unavailable("conversion.not_installed", vi, en)
    with TemporaryDirectory(prefix="congvan-convert-") as folder:
        return _convert(found, path, Path(folder), limits)


def _convert(program: Path, path: Path, folder: Path, limits: InspectionLimits) -> bytes:
    source, profile = folder / "document.docx", folder / "profile"
    shutil.copyfile(path, source)
    seconds = max(1, int(limits.time.total_seconds()))
    arguments = [str(program), str(profile), str(folder), str(source), str(seconds), str(limits.memory_bytes)]
    process = subprocess.Popen(  # noqa: S603 - our own program, its arguments are paths that we made
        [sys.executable, "-I", "-B", str(_CONVERTER), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=2 * seconds)
    finally:
        _end(process)
    made = folder / "document.pdf"
    if process.returncode != 0 or not made.is_file():
        vi = "Không chuyển được tệp DOCX sang PDF; hãy lưu thành PDF rồi tải lên."
        raise InvalidInput("conversion.failed", vi, "The DOCX could not be converted; bring it as PDF.")
    return made.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process with everything that it started: LibreOffice leaves children behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
