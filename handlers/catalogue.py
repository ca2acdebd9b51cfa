"""Every handler of this release, in one explicit tuple."""

from __future__ import annotations

from handlers.contract import Handler

CATALOGUE: tuple[Handler, ...] = ()
