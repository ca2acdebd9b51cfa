"""A mail server on loopback: speaks SMTP on a socket, keeps what it takes, refuses what a test tells it to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class Mailbox:
    """What arrived; ``replies`` are given to the next recipients instead of 250."""

    mails: list[EmailMessage] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    port: int = 0


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """Serve while the test runs."""
    box = Mailbox()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 mailbox")
            while line := self.rfile.readline():
                verb = line.decode().split(" ")[0].strip().upper()
                if verb == "DATA":
                    self.say("354 go on")
                    box.mails.append(self.take())
                    self.say("250 taken")
                elif verb == "RCPT":
                    self.say(box.replies.pop(0) if box.replies else "250 ok")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 mailbox")

        def take(self) -> Any:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return message_from_bytes(b"".join(lines), policy=policy.default)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
