"""The code generators of demonstration accounts: their secrets lie beside the demonstration's password."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import pyotp

STEP_SECONDS = 30


@dataclass
class Factors:
    """Secrets of one-time codes by house and login, kept in a file that only its owner reads.

    Attributes:
        file: a JSON object, made when the first secret is kept.
    """

    file: Path
    _last: dict[str, int] = field(default_factory=dict)

    def has(self, address: str, login: str) -> bool:
        """Say whether the person's generator is known here."""
        return self._key(address, login) in self._secrets()

    def keep(self, address: str, login: str, secret: str) -> None:
        """Remember a generator."""
        secrets = {**self._secrets(), self._key(address, login): secret}
        self.file.touch(mode=0o600)
        self.file.write_text(json.dumps(secrets, indent=1), encoding="utf-8")

    def code(self, address: str, login: str) -> str:
        """Return a code that was not used yet; waits for the next one if it must."""
        key = self._key(address, login)
        if key not in self._secrets():
            raise SystemExit(f"scripts/demo: {login} has a second factor that this script does not know")
        while self._step() <= self._last.get(key, 0):
            time.sleep(0.5)
        self._last[key] = self._step()
        return pyotp.TOTP(self._secrets()[key]).now()

    def _secrets(self) -> dict[str, str]:
        found: dict[str, str] = (
            json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        )
        return found

    @staticmethod
    def _key(address: str, login: str) -> str:
        return f"{address} {login}"

    @staticmethod
    def _step() -> int:
        return int(time.time()) // STEP_SECONDS  # noqa: TID251 - a code is of this moment
