"""Telling people what happens to their accounts: through notices, in their own list and by mail if they want.

A warning locks nobody out; it lets the person act: end sessions, change the password, ask the administrator.
"""

from __future__ import annotations

from service.storage.unit_of_work import UnitOfWork


def tell_person(
    unit: UnitOfWork,
    login: str,
    kind: str,
    key: str,
    *,
    name: str = "",
    by: str = "",
    urgency: str = "urgent",
) -> None:
    """Put a notice to one person into the outbox.

    Args:
        unit: of the agency.
        login: of the person.
        kind: of the notice; its words stand in the language files.
        key: what makes a repeated sending one notice.
        name: what the words call it: a device and its address, a factor, a token's name.
        by: who did it.
        urgency: of the notice; an urgent one does not wait for quiet hours to end.
    """
    _tell(unit, f"user:{login}", kind, key, {"name": name, "by": by, "urgency": urgency})


def tell_administrators(unit: UnitOfWork, kind: str, key: str, *, name: str = "", by: str = "") -> None:
    """Put a notice to the administrators of the agency into the outbox."""
    _tell(unit, "role:admin", kind, f"admin:{key}", {"name": name, "by": by, "urgency": "urgent"})


def _tell(unit: UnitOfWork, destination: str, kind: str, key: str, words: dict[str, str]) -> None:
    payload = {"kind": kind, **{name: word for name, word in words.items() if word}}
    unit.send("notice", destination, payload, f"notice:{kind}:{key}")
