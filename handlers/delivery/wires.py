"""What every way to a receiver has in common: a parcel goes in, it is handed over or it is not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Protocol

from handlers.delivery.contacts import Contact
from handlers.exchange.axis_client import MessageType
from handlers.exchange.edxml_writer import FileContent, letter_envelope, status_envelope, write_package
from handlers.exchange.package_signing import sign_envelope
from handlers.signing.keys import SigningKey
from service.domain.edxml import Letter, StatusLetter
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to one receiver.

    Attributes:
        receiver: from the directory.
        message: a document's header, or a status.
        dedupe_key: the same for every repetition.
        files: of a document, the main file first.
        key: that packages are signed with; None = unsigned.
    """

    receiver: Contact
    message: Letter | StatusLetter
    dedupe_key: str
    files: tuple[FileContent, ...] = ()
    key: SigningKey | None = None

    @property
    def kind(self) -> MessageType:
        """``edoc`` or ``status``: the two types of message of the exchange."""
        return "edoc" if isinstance(self.message, Letter) else "status"


class Wire(Protocol):
    """A way to a receiver; the receiver drops repetitions by the document's identifier."""

    def carry(self, unit: UnitOfWork, parcel: Parcel) -> None:
        """Hand the parcel over.

        Raises:
            RetryLater: the receiver does not answer now.
            CongVanError: it will never take this.
        """
        ...


@contextmanager
def packed(parcel: Parcel) -> Iterator[tuple[IO[bytes], int]]:
    """Give the parcel as an edXML package, signed if there is a key: a stream at its start, and its length.

    Raises:
        InvalidInput: ``edxml.invalid``: it lacks what a package needs.
    """
    message = parcel.message
    envelope = letter_envelope(message) if isinstance(message, Letter) else status_envelope(message)
    if parcel.key is not None:
        envelope = sign_envelope(envelope, parcel.key)
    with tempfile.TemporaryFile(prefix="congvan-package-") as file:
        for piece in write_package(envelope, parcel.files):
            file.write(piece)
        size = file.tell()
        file.seek(0)
        yield file, size
