"""The gate that every request passes: route, rights, one unit of work, the stored answer of a repeated POST.

One transaction holds the whole of a request: finding the caller, the change, its audit, and the answer kept
under an idempotency key. Its commit comes before the answer leaves; an error rolls all of it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue

from service.domain.errors import CongVanError
from service.http.access import JSON_BODY_BYTES, PUBLIC, Access, check_access
from service.http.context import runtime
from service.http.credentials import identity_of_request
from service.http.exports import allow_export, record_export
from service.http.replay import answer_once
from service.storage.unit_of_work import UnitOfWork

ACCESS_EXTENSION: Final = "congvan-access"


def pass_gate(dispatch: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Answer the current request by ``dispatch`` inside its unit of work.

    Raises:
        Unauthenticated: no credentials, or credentials that do not hold.
        Forbidden: the route is not for this caller.
        Conflict: the idempotency key was used for another request.
    """
    access = _access()
    request.max_content_length = _body_limit(access)
    if access.is_public:
        return dispatch()
    return _answer_in_unit(access, dispatch)


def note_after_rollback(note: Callable[[UnitOfWork], None]) -> None:
    """Do ``note`` in a unit of work of its own if this request is refused and rolled back.

    For what must be known although nothing happened: an attempt that policy forbids.
    """
    g.note_after_rollback = note


def _answer_in_unit(access: Access, dispatch: Callable[[], ResponseReturnValue]) -> Response:
    identity = identity_of_request(
        for_password_change=access.before_password_change, takes_peers=access.takes_peers
    )
    database = runtime().database
    try:
        with database.unit_of_work(identity) as unit:
            g.unit = unit
            unit.mandate = check_access(access, unit.actor)
            return _answer_once(unit, access, dispatch)
    except CongVanError:
        note = g.pop("note_after_rollback", None)
        if note is not None:
            with database.unit_of_work(g.unit.actor) as second:
                note(second)
        raise


def _answer_once(unit: UnitOfWork, access: Access, dispatch: Callable[[], ResponseReturnValue]) -> Response:
    if access.hands_out is not None:
        allow_export(unit)
    answer = answer_once(unit, lambda: _answer(dispatch), is_replayed=access.is_replayed)
    return answer if access.hands_out is None else record_export(unit, access.hands_out, answer)


def _answer(dispatch: Callable[[], ResponseReturnValue]) -> Response:
    return current_app.make_response(dispatch())


def _access() -> Access:
    if request.endpoint is None:  # nothing is routed here: dispatching raises 404 or 405
        return PUBLIC
    table: Mapping[str, Access] = current_app.extensions[ACCESS_EXTENSION]
    return table[request.endpoint]


def _body_limit(access: Access) -> int:
    return runtime().settings.upload_limit_bytes + JSON_BODY_BYTES if access.takes_files else JSON_BODY_BYTES
