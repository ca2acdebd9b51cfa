"""A headless Chromium, spoken to over its debugging pipe: no driver, no port, no further package.

Messages of the DevTools protocol are JSON, each ended by a null byte, on file descriptors 3 and 4.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-pipe",
)


class BrowserError(AssertionError):
    """The browser refused a command, or a script in its page failed."""


@dataclass
class Chromium:
    """One running browser with one page."""

    commands: IO[bytes]
    answers: IO[bytes]
    session_id: str = ""
    last: int = 0

    def open_page(self) -> None:
        """Open the page that all further commands are about."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self.session_id = attached["sessionId"]
        self.ask("Page.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events in between are passed over."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session_id:
            message["sessionId"] = self.session_id
        self.commands.write(json.dumps(message).encode() + b"\0")
        self.commands.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]

    def go_to(self, url: str) -> None:
        """Load an address and wait until it is there."""
        self.ask("Page.navigate", url=url)
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def run(self, script: str) -> Any:
        """Return what an asynchronous function's body gives in the page."""
        told = self.ask(
            "Runtime.evaluate",
            expression=f"(async () => {{ {script} }})()",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in told:
            raise BrowserError(json.dumps(told["exceptionDetails"])[:2000])
        return told["result"].get("value")

    def _read(self) -> dict[str, Any]:
        whole = bytearray()
        while (byte := self.answers.read(1)) != b"\0":
            if not byte:
                raise BrowserError("the browser is gone")
            whole += byte
        return json.loads(bytes(whole))


@contextmanager
def running(program: str, profile: Path) -> Iterator[Chromium]:
    """Run a browser with a fresh profile."""
    from_us, to_browser = os.pipe()
    from_browser, to_us = os.pipe()

    def wire() -> None:
        # Duplicates first: the descriptors may already be 3 or 4.
        reading, writing = os.dup(from_us), os.dup(to_us)
        os.dup2(reading, 3)
        os.dup2(writing, 4)

    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(3, 4),
        preexec_fn=wire,  # noqa: PLW1509 - it only duplicates descriptors and takes no lock
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(from_us)
    os.close(to_us)
    try:
        with os.fdopen(to_browser, "wb") as commands, os.fdopen(from_browser, "rb") as answers:
            browser = Chromium(commands, answers)
            browser.open_page()
            yield browser
    finally:
        process.kill()
        process.wait()
