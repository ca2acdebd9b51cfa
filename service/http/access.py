"""Who may ask for which route: one row each, and a route without a row does not start.

A row names the action of :mod:`service.domain.permissions` that the route stands for; which objects a
person may see or change is decided where the object is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Flask

from service.domain.actors import Actor, Mandate
from service.domain.permissions import PERMISSIONS, Allowed, decide, forbidden, may_ask

JSON_BODY_BYTES: Final = 1024 * 1024
"""The longest JSON body: a submission with every field full is far below it."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of the one who calls it.

    Attributes:
        is_public: no credentials are needed, and no unit of work is opened.
        action: what the caller must be allowed to do at all; None only where the route is public.
        takes_files: the body may be as large as an upload, instead of :data:`JSON_BODY_BYTES`.
        before_password_change: open to one who must change the password first (S4-11.2b).
        is_replayed: a POST whose stored answer is given again for the same ``Idempotency-Key``; False where
        an answer holds a secret that must not be kept, or where nothing changes.
        takes_peers: a partner's program may call it with the token of its connection.
        hands_out: what kind of data the route lets people take out as a file, if any (S1-8.3).
    """

    is_public: bool = False
    action: str | None = None
    takes_files: bool = False
    before_password_change: bool = False
    is_replayed: bool = True
    takes_peers: bool = False
    hands_out: str | None = None


PUBLIC: Final = Access(is_public=True)
OWN_ACCOUNT: Final = Access(action="account.own", before_password_change=True, is_replayed=False)


def needs(
    action: str, *, takes_files: bool = False, is_replayed: bool = True, hands_out: str | None = None
) -> Access:
    """Return the access of a route that stands for an action of the permission table.

    Raises:
        KeyError: the permission table does not name the action.
    """
    PERMISSIONS[action]
    return Access(action=action, takes_files=takes_files, is_replayed=is_replayed, hands_out=hands_out)


def check_access(access: Access, actor: Actor) -> Mandate | None:
    """Refuse an actor whom the route is not for; return the order by which it is, None = their own right.

    A route whose action one may do by a relation to its object lets everyone ask; the object decides.

    Raises:
        Forbidden: the actor may not ask for the route's action.
    """
    action = access.action or ""
    if not may_ask(actor, action):
        raise forbidden(action)
    decision = decide(actor, action)
    return decision.mandate if isinstance(decision, Allowed) else None


def check_complete(app: Flask, table: Mapping[str, Access]) -> None:
    """Refuse an application that has a route without a row or action, or a row without a route.

    Raises:
        LookupError: naming the endpoints.
    """
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    unlisted, unknown = endpoints - table.keys(), table.keys() - endpoints
    unnamed = {name for name, row in table.items() if not row.is_public and row.action not in PERMISSIONS}
    if unlisted or unknown or unnamed:
        raise LookupError(
            f"routes without access: {sorted(unlisted)}; access without routes: {sorted(unknown)};"
            f" without an action: {sorted(unnamed)}"
        )
