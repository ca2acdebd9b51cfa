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

FACTORS: Final = ("passkey", "totp", "recovery_code")
"""The second factors, the one to offer first in front."""

_PROVE_AT: Final = "/api/v1/sessions/step-up"
_ENROL_AT: Final = "/api/v1/me/second-factors"


def methods_of(factors: frozenset[str]) -> list[str]:
    """Return which of a person's factors can be proved, the one to offer first in front."""
    return [factor for factor in FACTORS if factor in factors]


def has_stepped_up(actor: Actor, now: datetime, validity: timedelta = STEP_UP_VALIDITY) -> bool:
    """Whether the actor proved a second factor in this session at most ``validity`` ago (``now`` aware)."""
    return actor.stepped_up_at is not None and actor.stepped_up_at > now - validity


def require_step_up(actor: Actor, now: datetime, validity: timedelta = STEP_UP_VALIDITY) -> None:
    """Refuse an actor who has not proved a second factor a moment ago.

    Raises:
        Forbidden: ``step_up.required`` with the person's ``methods`` and where to prove them,
            ``step_up.no_factor`` with where to enrol the first one, ``step_up.program`` for a program's
            token.
    """
    if has_stepped_up(actor, now, validity):
        return
    if actor.grants is not None or actor.is_system:
        raise Forbidden(
            "step_up.program",
            "Việc này phải do chính người dùng thực hiện, chương trình không làm thay được.",
            "A person must do this; a program cannot.",
        )
    if not actor.factors:
        raise Forbidden(
            "step_up.no_factor",
            "Việc này cần yếu tố xác thực thứ hai mà bạn chưa có. Hãy đăng ký trong mục Tài khoản của tôi.",
            "This needs a second factor, and you have none yet. Enrol one in your account.",
            extra={"enrol_at": _ENROL_AT},
        )
    raise Forbidden(
        "step_up.required",
        "Việc này cần xác thực lại bằng yếu tố thứ hai.",
        "This needs your second factor again.",
        extra={
            "methods": methods_of(actor.factors),
            "prove_at": _PROVE_AT,
            "valid_seconds": int(validity.total_seconds()),
        },
    )
