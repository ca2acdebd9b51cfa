"""Step-up: a second factor proved a moment ago, asked for before signing, publishing and opening a ballot.

The proof belongs to one session (OWASP ASVS 5.0, 6.8 and 7.5); an act worth a signature does not live on the
login of this morning.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from service.domain.actors import Actor
from service.domain.errors import Forbidden

STEP_UP_VALIDITY: Final = timedelta(minutes=5)
"""How long a proof counts."""


def has_stepped_up(actor: Actor, now: datetime, validity: timedelta = STEP_UP_VALIDITY) -> bool:
    """Whether the actor proved a second factor in this session at most ``validity`` ago (``now`` aware)."""
    return actor.stepped_up_at is not None and actor.stepped_up_at > now - validity


def require_step_up(actor: Actor, now: datetime, validity: timedelta = STEP_UP_VALIDITY) -> None:
    """Refuse an actor who has not proved a second factor a moment ago.

    Raises:
        Forbidden: ``step_up.required``.
    """
    if has_stepped_up(actor, now, validity):
        return
    raise Forbidden(
        "step_up.required",
        "Việc này cần xác thực lại bằng yếu tố thứ hai.",
        "This needs your second factor again.",
        extra={"valid_seconds": int(validity.total_seconds())},
    )
