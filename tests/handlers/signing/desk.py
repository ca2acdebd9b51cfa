"""A signing desk for tests: an authority, keys, images, a draft, and the verdicts of two independent verifiers."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image, ImageDraw
from pyhanko.sign.timestamps import DummyTimeStamper

from handlers.contract import Json
from handlers.signing.approve import approve
from handlers.signing.demo_authority import DemoAuthority, Holder
from handlers.signing.fields import prepare
from handlers.signing.images import StampImage
from handlers.signing.keys import Pkcs12Key
from handlers.signing.pdf_inspector import inspect
from handlers.signing.seal import seal
from handlers.signing.typeface import find_typefaces
from service.domain.signatures import Box, SignatureLayout, Slot, SlotKind, corner_box, seal_box
from tests.pdf_files import plain_pdf

AT = datetime(2026, 3, 2, 2, 30, 5, tzinfo=UTC)
"""Monday, 2 March 2026, 09:30:05 in Vietnam."""

NUMBERS = {"number": "05", "day": "02", "month": "03"}
LEADER_BOX = Box(350, 250, 500, 320)
LAYOUT = SignatureLayout(
    (
        Slot("initials_1", SlotKind.INITIALS, 0, Box(300, 340, 340, 360)),
        Slot("leader", SlotKind.LEADER, 0, LEADER_BOX),
        Slot("number", SlotKind.TEXT, 0, Box(96, 700, 126, 716)),
        Slot("day", SlotKind.TEXT, 0, Box(400, 700, 420, 716), is_italic=True),
        Slot("month", SlotKind.TEXT, 0, Box(450, 700, 470, 716), is_italic=True),
        Slot("seal", SlotKind.SEAL, 0, seal_box(LEADER_BOX)),
        Slot("copy", SlotKind.COPY, 0, corner_box(595, 842), 10),
    )
)


@cache
def draw_signature() -> bytes:
    """Return a blue scrawl as a transparent PNG."""
    image = Image.new("RGBA", (600, 280))
    points = [(20, 200), (90, 60), (130, 230), (210, 80), (240, 200), (330, 120), (380, 190), (580, 90)]
    ImageDraw.Draw(image).line(points, fill=(25, 45, 190, 255), width=9, joint="curve")
    return to_png(image)


@cache
def draw_seal() -> bytes:
    """Return a red ring with a star as a transparent PNG."""
    image = Image.new("RGBA", (850, 850))
    pen = ImageDraw.Draw(image)
    pen.ellipse((15, 15, 835, 835), outline=(215, 25, 32, 230), width=22)
    pen.ellipse((150, 150, 700, 700), outline=(215, 25, 32, 230), width=10)
    pen.regular_polygon((425, 425, 120), 5, fill=(215, 25, 32, 230))
    return to_png(image)


def to_png(image: Image.Image) -> bytes:
    """Return the image as a PNG file."""
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(frozen=True)
class Desk:
    """Everything that signing needs, made once for all tests."""

    authority: DemoAuthority
    leader: Pkcs12Key
    aide: Pkcs12Key
    agency: Pkcs12Key
    holders: dict[str, Holder]
    blue: StampImage
    red: StampImage
    trust: Path

    @classmethod
    def set_up(cls, folder: Path) -> Desk:
        """Return a desk whose trust lies in ``folder``."""
        authority = DemoAuthority.create(AT)
        holders = {
            "leader": authority.issue_person("Nguyễn Thị Ánh", "Tỉnh ủy Thử Nghiệm"),
            "aide": authority.issue_person("Lê Văn Ước", "Tỉnh ủy Thử Nghiệm"),
            "agency": authority.issue_agency("Tỉnh ủy Thử Nghiệm", "000.00.01.T99"),
            "tsa": authority.issue_timestamper("Dịch vụ dấu thời gian"),
        }
        unlocked = {
            name: Pkcs12Key.open(authority.pack(one, "mật khẩu"), "mật khẩu") for name, one in holders.items()
        }
        authority.save_trust(folder, AT)
        images = StampImage.read(draw_signature(), 50), StampImage.read(draw_seal())
        people = unlocked["leader"], unlocked["aide"], unlocked["agency"]
        return cls(authority, *people, holders, *images, folder)

    def prepared(self, layout: SignatureLayout = LAYOUT) -> BytesIO:
        """Return a draft with its fields."""
        stream = BytesIO(plain_pdf())
        prepare(stream, layout)
        return stream

    def approved(self, layout: SignatureLayout = LAYOUT) -> BytesIO:
        """Return a draft that the leader has signed."""
        stream = self.prepared(layout)
        approve(stream, "leader", self.leader, image=self.blue, at=AT)
        return stream

    def sealed(self, layout: SignatureLayout = LAYOUT) -> BytesIO:
        """Return a document with number, date and seal."""
        stream = self.approved(layout)
        self.put_seal(stream)
        return stream

    def put_seal(self, stream: BinaryIO, **changes: Any) -> None:
        """Seal the document as the agency."""
        options: dict[str, Any] = {
            "texts": NUMBERS,
            "image": self.red,
            "typefaces": find_typefaces(),
            "at": AT,
        }
        seal(stream, self.agency, **(options | changes))

    def inspect(self, content: bytes, folder: Path, at: datetime = AT, trust: Path | None = None) -> Json:
        """Return the report of our verifier on a file, made in this process to spare a start for each."""
        path = folder / "inspected.pdf"
        path.write_bytes(content)
        request = {"path": str(path), "trust_dir": str(trust or self.trust), "moment": at.isoformat()}
        return inspect(request | {"is_strict": True})


def require_tool(name: str, package: str) -> str:
    """Return the path of a program that these tests need."""
    found = shutil.which(name)
    assert found, f"the program {name} is missing: install the operating system's package {package}"
    return found


def pdfsig(content: bytes, folder: Path) -> dict[str, str]:
    """Return what poppler, another verifier, says of each signed field: its line and how far it covers."""
    path = folder / "pdfsig.pdf"
    path.write_bytes(content)
    command = [require_tool("pdfsig", "poppler-utils"), "-nocert", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = {}
    for block in done.stdout.split("Signature #")[1:]:
        name = re.search(r"Field Name: (.*)", block)
        verdict = re.search(r"Signature Validation: (.*)", block)
        cover = re.search(r"- (.*document signed)", block)
        if name and verdict and cover:
            found[name[1]] = f"{verdict[1]} {cover[1]}"
    return found


def page_text(content: bytes, folder: Path) -> str:
    """Return the text that a reader finds on the pages."""
    path = folder / "text.pdf"
    path.write_bytes(content)
    command = [require_tool("pdftotext", "poppler-utils"), "-layout", str(path), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


Answer = Callable[[bytes], tuple[int, str, bytes]]


@contextmanager
def running_service(answer: Answer) -> Iterator[str]:
    """Serve ``answer`` (status, content type, body for a request's body) on loopback and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, kind, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def time_stamping(desk: Desk, at: datetime = AT) -> Answer:
    """Return the answers of a real time-stamping service whose clock stands at ``at``."""
    holder = desk.holders["tsa"]
    private = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    stamper = DummyTimeStamper(
        asn1_x509.Certificate.load(holder.der()),
        keys.PrivateKeyInfo.load(private),
        certs_to_embed=[asn1_x509.Certificate.load(desk.authority.issuer.der())],
        fixed_dt=at,
    )

    def answer(body: bytes) -> tuple[int, str, bytes]:
        reply = stamper.request_tsa_response(tsp.TimeStampReq.load(body))
        return 200, "application/timestamp-reply", reply.dump()

    return answer
