"""Identifiers: time-ordered UUIDs (RFC 9562 version 7), so that indexes stay local."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from uuid import UUID

_RANDOM_BITS = 62
_VERSION = 7
_VARIANT = 0b10

_lock = threading.Lock()
_last_ms = 0
_counter = 0


def new_id(now: datetime) -> UUID:
    """Return a new version 7 UUID for the instant ``now`` (aware).

    Ids made by one process within one millisecond are increasing (12-bit counter).
    """
    global _last_ms, _counter  # noqa: PLW0603 - the monotonic counter of RFC 9562 section 6.2
    millis = int(now.timestamp() * 1000)
    with _lock:
        if millis == _last_ms:
            _counter = (_counter + 1) & 0xFFF
        else:
            _last_ms, _counter = millis, 0
        counter = _counter
    random = int.from_bytes(os.urandom(8)) & ((1 << _RANDOM_BITS) - 1)
    value = (
        ((millis & ((1 << 48) - 1)) << 80) | (_VERSION << 76) | (counter << 64) | (_VARIANT << 62) | random
    )
    return UUID(int=value)
