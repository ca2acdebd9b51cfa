"""When a person is told by mail: at once, after the quiet hours, or with the day's digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal, get_args

from service.domain.clock import OFFICE_ZONE

MailWish = Literal["none", "each", "digest"]
MAIL_WISHES: Final = get_args(MailWish)
BREAKS_SILENCE: Final = frozenset({"very_urgent", "flash"})
"""What is as urgent as this waits neither for the digest nor for the end of the quiet hours."""


@dataclass(frozen=True, slots=True)
class MailTimes:
    """A person's wish, in local time of the office; quiet hours may run over midnight.

    Attributes:
        wish: ``none``, ``each`` or ``digest``.
        digest_at: when the digest goes.
        quiet_from: from when on no mail goes; None = no quiet hours.
        quiet_to: until when, exclusive.
    """

    wish: str
    digest_at: time = time(7, 30)
    quiet_from: time | None = None
    quiet_to: time | None = None


def mail_time(now: datetime, times: MailTimes, urgency: str) -> datetime | None:
    """Return when a mail about a notice of this urgency goes; None = no mail.

    Args:
        now: aware.
        times: the person's wish.
        urgency: ``normal``, ``urgent``, ``very_urgent`` or ``flash``.
    """
    if times.wish == "none":
        return None
    if urgency in BREAKS_SILENCE:
        return now
    start = _next(now, times.digest_at) if times.wish == "digest" else now
    return _after_silence(start, times)


def _after_silence(at: datetime, times: MailTimes) -> datetime:
    begin, end = times.quiet_from, times.quiet_to
    if begin is None or end is None or begin == end:
        return at
    clock = at.astimezone(OFFICE_ZONE).time()
    is_quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    return _next(at, end) if is_quiet else at


def _next(after: datetime, clock: time) -> datetime:
    """Return the next instant after ``after`` at which the office's clock shows ``clock``."""
    local = after.astimezone(OFFICE_ZONE)
    today = datetime.combine(local.date(), clock, OFFICE_ZONE)
    chosen = today if today > local else today + timedelta(days=1)
    return chosen.astimezone(after.tzinfo)
