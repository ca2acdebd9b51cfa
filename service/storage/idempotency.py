"""The answer to a request, kept in the transaction of its effect, so that a repetition gets it again.

A connection may break between the commit and its answer; the client then repeats the request with the same
key and gets what it missed, instead of a second effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from service.domain.errors import Conflict
from service.storage.models import IdempotencyKey, table_of
from service.storage.unit_of_work import UnitOfWork

_key = table_of(IdempotencyKey)
_TAKE: Final = (
    insert(_key)
    .values(
        {name: bindparam(name) for name in ("agency_id", "account_id", "key", "request_hash", "created_at")}
    )
    .on_conflict_do_nothing()
    .returning(_key.c.key)
)
_NOBODY: Final = UUID(int=0)
"""Stands for the system, whose calls carry keys too (exchange packets)."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer given before: HTTP status and the bytes that :func:`finish` was given."""

    status: int
    answer: bytes


def begin(unit: UnitOfWork, key: str, request_hash: bytes) -> KeptAnswer | None:
    """Take a key for this transaction, or return the answer that was kept for it.

    While another transaction holds the same key this one waits, and then sees its outcome: the answer if it
    committed, a free key if it rolled back.

    Args:
        unit: the request's unit of work; keys belong to the person who sends them.
        key: chosen by the client.
        request_hash: SHA-256 of what is asked.

    Raises:
        Conflict: ``idempotency.key_reused``: the key was used for another request.
    """
    account_id = unit.actor.account_id or _NOBODY
    mine = {"agency_id": unit.actor.agency_id, "account_id": account_id, "key": key}
    row = mine | {"request_hash": request_hash, "created_at": unit.now}
    taken = unit.session.connection().execute(_TAKE, row).first()
    if taken is not None:
        return None
    kept = unit.session.execute(
        select(_key.c.request_hash, _key.c.status, _key.c.answer).where(
            _key.c.account_id == account_id, _key.c.key == key
        ),
    ).one()
    if kept.request_hash != request_hash or kept.status is None:
        raise Conflict(
            "idempotency.key_reused",
            "Khóa Idempotency-Key này đã dùng cho một yêu cầu khác.",
            "This Idempotency-Key was used for another request.",
        )
    return KeptAnswer(kept.status, bytes(kept.answer))


def finish(unit: UnitOfWork, key: str, status: int, answer: bytes) -> None:
    """Keep the answer; it becomes durable together with the effect.

    Args:
        unit: the unit that :func:`begin` was called with.
        key: the same.
        status: HTTP status.
        answer: whatever gives the answer again.
    """
    mine = {"account_id": unit.actor.account_id or _NOBODY, "key": key}
    unit.update(_key, mine, {"status": status, "answer": answer})
