"""The code generators of demonstration accounts: their secrets lie beside the demonstration's password."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pyotp

STEP_SECONDS = 30


@dataclass
class Factors:
    """Secrets of one-time codes by house and login, kept in a file that only its owner reads.

    Attributes:
        file: a JSON object, made when the first secret is kept; it knows the last code used as well, which
            another story a moment later must not use again.
    """

    file: Path

    def has(self, address: str, login: str) -> bool:
        """Say whether the person's generator is known here."""
        return self._key(address, login) in self._secrets()

    def keep(self, address: str, login: str, secret: str) -> None:
        """Remember a generator."""
        self._write(self._key(address, login), secret)

    def code(self, address: str, login: str) -> str:
        """Return a code that was not used yet; waits for the next one if it must."""
        key = self._key(address, login)
        known = self._secrets()
        if key not in known:
            raise SystemExit(f"scripts/demo: {login} has a second factor that this script does not know")
        while self._step() <= int(known.get(f"{key} used", 0)):
            time.sleep(0.5)
        self._write(f"{key} used", str(self._step()))
        return pyotp.TOTP(known[key]).now()

    def _write(self, name: str, value: str) -> None:
        known = {**self._secrets(), name: value}
        self.file.touch(mode=0o600)
        self.file.write_text(json.dumps(known, indent=1), encoding="utf-8")

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
