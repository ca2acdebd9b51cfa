"""A POST that is sent twice has its effect once: the ``Idempotency-Key`` header.

The answer to a key is kept in the transaction of the effect. A request that is repeated while the first still
runs waits for it; the same key with another method, path or body is refused. An error keeps nothing: the
request had no effect, and may be sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final, cast

import orjson
from flask import Response, request
from werkzeug.datastructures import FileStorage

from service.http.faults import Malformed
from service.storage import idempotency
from service.storage.unit_of_work import UnitOfWork

HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
LONGEST_KEY: Final = 200
_KEPT_HEADERS: Final = ("Content-Type", "ETag", "Location")


def answer_once(unit: UnitOfWork, answer: Callable[[], Response], *, is_replayed: bool) -> Response:
    """Return the kept answer of the request's key, or make the answer and keep it.

    Args:
        unit: the request's unit of work.
        answer: makes the answer, with its effect.
        is_replayed: whether the route keeps answers at all.

    Raises:
        Malformed: the key is empty or too long.
        Conflict: the key was used for another request.
    """
    key = request.headers.get(HEADER)
    if request.method != "POST" or not is_replayed or key is None:
        return answer()
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise Malformed(
            "idempotency_key.malformed",
            f"Idempotency-Key phải có từ 1 đến {LONGEST_KEY} ký tự in được.",
            f"Idempotency-Key must have 1 to {LONGEST_KEY} printable characters.",
        )
    kept = idempotency.begin(unit, key, _digest_of_request())
    if kept is not None:
        return _replay(kept.status, kept.answer)
    made = answer()
    idempotency.finish(unit, key, made.status_code, _packed(made))
    return made


def _digest_of_request() -> bytes:
    """Return the SHA-256 of what was asked; a form's boundary does not count, its fields and files do."""
    digest = hashlib.sha256()
    for part in _parts_of_request():
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.digest()


def _parts_of_request() -> list[bytes]:
    parts = [request.method.encode(), request.full_path.encode()]
    if request.mimetype != "multipart/form-data":
        return [*parts, request.get_data(cache=True)]
    for name, value in sorted(request.form.items(multi=True)):
        parts += [name.encode(), value.encode()]
    for name, file in request.files.items(multi=True):
        parts += [name.encode(), (file.filename or "").encode(), _digest_of_file(file)]
    return parts


def _digest_of_file(file: FileStorage) -> bytes:
    digest = hashlib.file_digest(cast("Any", file.stream), "sha256").digest()
    file.stream.seek(0)
    return digest


def _packed(answer: Response) -> bytes:
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    return orjson.dumps(headers) + b"\n" + answer.get_data()


def _replay(status: int, packed: bytes) -> Response:
    headers, _, body = packed.partition(b"\n")
    answer = Response(body, status=status, headers=orjson.loads(headers))
    answer.headers[REPLAYED_HEADER] = "true"
    return answer
