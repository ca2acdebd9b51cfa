"""Pages of a file as marked images, and a marked copy for printing, drawn in a process with limits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from handlers.contract import Json
from handlers.resources import InspectionLimits
from handlers.signing.typeface import find_typeface
from service.domain.errors import Conflict, NotFound, TooLarge
from service.storage.media_types import JPEG, PDF, PNG, TIFF

VIEWABLE: Final = frozenset({PDF, PNG, JPEG, TIFF})
"""Media types whose pages can be drawn."""

SCREEN_DPI: Final = 110
PRINT_DPI: Final = 150
_OUTPUT_BYTES: Final = 200 * 1024 * 1024
_HEAD_BYTES: Final = 4096
_RENDERER: Final = Path(__file__).with_name("page_renderer.py")


def count_pages(path: Path, media_type: str, limits: InspectionLimits) -> int:
    """Return how many pages a file has.

    Raises:
        Conflict: ``file.not_viewable``, its pages cannot be drawn.
    """
    answer, _ = _ask({"task": "count"}, path, media_type, limits)
    return int(answer["page_count"])


def draw_page(path: Path, media_type: str, page: int, mark: Sequence[str], limits: InspectionLimits) -> bytes:
    """Return a page as PNG under a watermark.

    Args:
        path: of the file, read only.
        media_type: told from its content.
        page: from 1.
        mark: lines of the watermark.
        limits: of the process.

    Raises:
        NotFound: ``page.not_found``.
        Conflict: ``file.not_viewable``.
    """
    request: Json = {"task": "page", "page": page - 1, "dpi": SCREEN_DPI, "mark": list(mark)}
    return _ask(request, path, media_type, limits)[1]


def draw_print(path: Path, media_type: str, mark: Sequence[str], limits: InspectionLimits) -> bytes:
    """Return the pages as a PDF of images, the marks at the foot of each; the original is not changed.

    Raises:
        Conflict: ``file.not_viewable``.
        TooLarge: ``file.too_many_pages``.
    """
    request: Json = {"task": "print", "dpi": PRINT_DPI, "mark": list(mark)}
    return _ask(request, path, media_type, limits)[1]


def _ask(request: Json, path: Path, media_type: str, limits: InspectionLimits) -> tuple[Json, bytes]:
    if media_type not in VIEWABLE:
        raise _not_viewable()
    request |= {
        "path": str(path),
        "media_type": media_type,
        "font": str(find_typeface().path),
        "seconds": max(1, int(limits.time.total_seconds())),
        "memory_bytes": limits.memory_bytes,
        "output_bytes": _OUTPUT_BYTES,
    }
    answer, content = _run(request)
    if answer.get("error") == "no_page":
        raise NotFound("page.not_found", "Không có trang này.", "There is no such page.")
    if answer.get("error") == "too_many_pages":
        vi, en = (
            f"Bản in có tối đa {answer['most']} trang.",
            f"A printout has at most {answer['most']} pages.",
        )
        raise TooLarge("file.too_many_pages", vi, en)
    if "error" in answer:
        raise _not_viewable()
    return answer, content


def _run(request: Json) -> tuple[Json, bytes]:
    """Run the renderer; its output goes to a file without a name, so that no pipe has to hold it."""
    with TemporaryFile() as output:
        try:
            done = subprocess.run(  # noqa: S603 - our own program, arguments are constants
                [sys.executable, "-I", "-B", str(_RENDERER)],
                input=json.dumps(request).encode(),
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=2 * request["seconds"],
                check=False,
                env={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
            )
        except subprocess.TimeoutExpired:
            raise _not_viewable() from None
        if done.returncode != 0:
            raise _not_viewable()
        output.seek(0)
        head = output.readline(_HEAD_BYTES)
        answer: Json = json.loads(head)
        return answer, output.read()


def _not_viewable() -> Conflict:
    return Conflict(
        "file.not_viewable",
        "Không hiển thị được tệp này theo trang.",
        "The pages of this file cannot be shown.",
    )
