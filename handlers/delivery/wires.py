"""What every way to a receiver has in common: a parcel goes in, it is handed over or it is not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Protocol

from handlers.delivery.contacts import Contact
from handlers.exchange.archive_writer import zip_files
from handlers.exchange.axis_client import MessageType
from handlers.exchange.edxml_writer import FileContent, letter_envelope, status_envelope, write_package
from handlers.exchange.package_signing import sign_envelope
from handlers.signing.keys import SigningKey
from service.domain.edxml import ZIPPED, Letter, StatusLetter
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

    The files are encoded as the receiver's connection says.

    Raises:
        InvalidInput: ``edxml.invalid``: it lacks what a package needs.
    """
    with tempfile.TemporaryDirectory(prefix="congvan-package-") as folder:
        message, files = parcel.message, parcel.files
        if isinstance(message, Letter):
            if parcel.receiver.attachment_encoding == ZIPPED:
                files = zip_files(files, Path(folder))
            envelope = letter_envelope(replace(message, attachments=tuple(file.note for file in files)))
        else:
            envelope = status_envelope(message)
        if parcel.key is not None:
            envelope = sign_envelope(envelope, parcel.key)
        with (Path(folder) / "package").open("x+b") as package:
            for piece in write_package(envelope, files):
                package.write(piece)
            size = package.tell()
            package.seek(0)
            yield package, size
