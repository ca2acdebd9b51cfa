"""The audit log's hash chain: sealing what can no longer change, and checking what was sealed.

Chaining inside each transaction would make all writers queue. Instead events are written freely, each with
its transaction's place in the log, and one job seals closed ranges of transactions: below the oldest running
transaction no event can appear any more. The database computes the seals; the check recomputes them here,
from the raw columns and with nothing of the database's but casts to text, so that a changed function cannot
hide a changed row. Rewriting the whole chain, or cutting off its end, only shows against an anchor kept
elsewhere (printed, time-stamped, on another host).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.orm import Session

FIRST_HASH: Final = bytes(32)
"""What the first seal links to."""

_COLUMNS: Final = (
    "id::text",
    "agency_id::text",
    "((extract(epoch FROM at) * 1000000)::bigint)::text",
    "actor_id::text",
    "on_behalf_of_id::text",
    "action::text",
    "object_kind::text",
    "object_id::text",
    "encode(before_sha256, 'hex')",
    "encode(after_sha256, 'hex')",
    "request_id::text",
    "details::text",
    "xact::text",
)
"""The columns of an event as text, in the order in which they are hashed."""

MOST_EVENTS: Final = 50_000
"""Events of one seal: about a second of work, and a few megabytes for the check."""

_BATCH: Final = 1000

FindingKind = Literal["deleted", "inserted", "changed", "seal_changed", "seal_missing", "truncated"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A seal as noted outside the database: nothing up to it can change unseen."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class ChainFinding:
    """Something that does not fit.

    Attributes:
        kind: ``deleted``, ``inserted`` or ``changed`` events of a sealed range (two that were exchanged are
            ``changed``); ``seal_changed`` a seal that does not follow from its range and predecessor;
            ``seal_missing`` a hole in the chain; ``truncated`` the anchored seal is not there or another.
        seal: the number of the seal concerned.
        expected: events that the seal counted; None where it does not apply.
        found: events that are there.
    """

    kind: FindingKind
    seal: int
    expected: int | None = None
    found: int | None = None


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The outcome of a check.

    Attributes:
        findings: empty = the log is as it was sealed.
        seals: how many were checked.
        events: how many sealed events there are.
        unsealed: events written since the last seal.
        head: the last seal, to be noted as the next anchor; None for an empty chain.
    """

    findings: tuple[ChainFinding, ...]
    seals: int
    events: int
    unsealed: int
    head: Anchor | None

    @property
    def is_intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def seal_audit(session: Session, now: datetime, most: int = MOST_EVENTS) -> int:
    """Seal events that are final by now; return how many, 0 = there are none left.

    Args:
        session: of the runtime role, under no agency.
        now: the instant of the seal.
        most: about how many; a transaction's events always stay in one seal.
    """
    values = {"now": now, "most": most}
    sealed: int = session.execute(text("SELECT seal_audit(:now, :most)"), values).scalar_one()
    return sealed


def audit_head(connection: Connection) -> Anchor | None:
    """Return the last seal, to be noted as an anchor."""
    row = connection.execute(
        text("SELECT number, hash FROM audit_seal ORDER BY number DESC LIMIT 1"),
    ).first()
    return Anchor(row.number, bytes(row.hash)) if row else None


def verify_audit(owner: Engine, anchors: Iterable[Anchor] = ()) -> ChainReport:
    """Check the chain from its beginning, in one snapshot.

    Args:
        owner: connects as the owner role, because the log spans agencies.
        anchors: seals noted outside.
    """
    with owner.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ")
        seals = connection.execute(text("SELECT * FROM audit_seal ORDER BY number")).all()
        findings = list(_check_anchors(seals, anchors))
        previous, begin, number, events = FIRST_HASH, 0, 0, 0
        for seal in seals:
            if seal.number != number + 1 or seal.from_xact != begin:
                findings.append(ChainFinding("seal_missing", number + 1))
                previous = bytes(seal.previous_hash)  # judge the rest of the chain by itself
            digests = _digests(connection, seal.from_xact, seal.to_xact)
            findings.extend(_check_seal(seal, previous, digests))
            previous, begin, number = bytes(seal.hash), seal.to_xact, seal.number
            events += len(digests)
        unsealed = connection.execute(
            text("SELECT count(*) FROM audit_event WHERE xact >= :begin"), {"begin": begin}
        ).scalar_one()
    head = Anchor(seals[-1].number, bytes(seals[-1].hash)) if seals else None
    return ChainReport(tuple(findings), len(seals), events, unsealed, head)


def parse_anchor(noted: str) -> Anchor:
    """Return the anchor that ``str(anchor)`` gave.

    Raises:
        ValueError: it is none.
    """
    number, _, digest = noted.strip().partition(":")
    anchor = Anchor(int(number), bytes.fromhex(digest))
    if len(anchor.hash) != len(FIRST_HASH):
        raise ValueError("an anchor ends in a SHA-256")
    return anchor


def event_digest(columns: Sequence[str | None]) -> bytes:
    """Return the SHA-256 that stands for an event: its columns as netstrings, ``~`` for null."""
    plain = "".join("~" if column is None else f"{len(column)}:{column}" for column in columns)
    return hashlib.sha256(plain.encode()).digest()


def _check_anchors(seals: Sequence[Row[Any]], anchors: Iterable[Anchor]) -> Iterator[ChainFinding]:
    known = {seal.number: bytes(seal.hash) for seal in seals}
    for anchor in anchors:
        if known.get(anchor.number) != anchor.hash:
            yield ChainFinding("truncated", anchor.number)


def _check_seal(seal: Row[Any], previous: bytes, digests: list[bytes]) -> Iterator[ChainFinding]:
    found = len(digests)
    if found != seal.event_count:
        kind: FindingKind = "deleted" if found < seal.event_count else "inserted"
        yield ChainFinding(kind, seal.number, seal.event_count, found)
    elif _seal_hash(seal, previous, digests) != bytes(seal.hash):
        link_holds = bytes(seal.previous_hash) == previous
        yield ChainFinding("changed" if link_holds else "seal_changed", seal.number, seal.event_count, found)


def _seal_hash(seal: Row[Any], previous: bytes, digests: list[bytes]) -> bytes:
    sealed_at = seal.sealed_at
    microseconds = int(sealed_at.timestamp()) * 1_000_000 + sealed_at.microsecond
    head = f"{seal.number}|{seal.from_xact}|{seal.to_xact}|{seal.event_count}|{microseconds}|"
    return hashlib.sha256(head.encode() + previous + b"".join(digests)).digest()


def _digests(connection: Connection, begin: int, end: int) -> list[bytes]:
    statement = text(
        f"SELECT {', '.join(_COLUMNS)} FROM audit_event"  # noqa: S608 - constant columns
        " WHERE xact >= :begin AND xact < :end ORDER BY audit_event.id",
    )
    rows = connection.execution_options(yield_per=_BATCH).execute(statement, {"begin": begin, "end": end})
    return [event_digest(list(row)) for row in rows]
