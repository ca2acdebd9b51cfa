"""Calls made by several people at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def at_once(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    """Make every call in a thread of its own, all at once; return their values, or their errors."""
    wanted = list(calls)
    barrier = threading.Barrier(len(wanted))

    def make(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(wanted)) as pool:
        futures = [pool.submit(make, call) for call in wanted]
    return [future.exception() or future.result() for future in futures]


def errors(outcomes: Iterable[Any]) -> list[BaseException]:
    """Return the errors among the outcomes."""
    return [one for one in outcomes if isinstance(one, BaseException)]
