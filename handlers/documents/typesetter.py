"""Typesets one document from a template; runs in a process of its own.

Started by :mod:`handlers.documents.typesetting` with limits on time and memory, an empty environment and
nothing of this project on its path. Reads a request as JSON from standard input; writes one line of JSON and
after it the bytes of the PDF. Reads nothing but the templates and the fonts that the request names, and
fetches no packages: their folders do not exist.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import typst

Json = dict[str, Any]
_NOWHERE = "/nonexistent"


def typeset(request: Json) -> tuple[Json, bytes]:
    """Return the answer's first line and the PDF (PDF/A-2b, ISO 19005-2).

    Args:
        request: ``{root, template, fonts, family, data, at}``; ``at`` is an ISO instant.

    Returns:
        ``{marks: [{name, page, x, y, width, height}], pages: [[width, height]]}``: pages from 0, points from
        the page's lower left corner; and the bytes.
    """
    inputs = {"data": json.dumps(request["data"], ensure_ascii=False), "family": request["family"]}
    compiler = typst.Compiler(
        f"{request['root']}/{request['template']}",
        root=request["root"],
        font_paths=[request["fonts"]],
        ignore_system_fonts=True,
        sys_inputs=inputs,
        package_path=_NOWHERE,
        package_cache_path=_NOWHERE,
    )
    at = datetime.fromisoformat(request["at"]).astimezone(UTC).replace(microsecond=0)
    pdf = compiler.compile(format="pdf", pdf_standards=["a-2b"], timestamp=at)
    places: list[Json] = json.loads(str(compiler.query("<mark>", field="value")))
    assert isinstance(pdf, bytes)
    sizes = [list(page.get_size()) for page in pypdfium2.PdfDocument(pdf)]
    return {"marks": [_from_below(place, sizes) for place in places], "pages": sizes}, pdf


def _from_below(place: Json, sizes: list[list[float]]) -> Json:
    page = place["page"] - 1
    bottom = sizes[page][1] - place["y"] - place["height"]
    return place | {"page": page, "y": bottom}


def limit(request: Json) -> None:
    """Bound this process: processor seconds, memory, no files, no core dump."""
    seconds, memory = request["seconds"], request["memory_bytes"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    limit(request)
    try:
        answer, pdf = typeset(request)
    except typst.TypstError as error:
        answer, pdf = {"error": str(error)}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + pdf)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
