#!/usr/bin/env python
"""Time signatures beside the raw RSA operation and the stock signer, and measure memory on a large file.

Rates are per CPU second of one core: a 100 KB PDF, RSA-2048, a signature image of 50 mm. The house wants at
least 15 signatures a second and at most 100 MB of extra memory for a file of 100 MB. Prints a table, or JSON
with ``--json``; ``--seconds`` is spent on each line.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image, ImageDraw
from pyhanko.pdf_utils import images, layout
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.stamp import StaticStampStyle

from handlers.signing.approve import approve
from handlers.signing.demo_authority import DemoAuthority
from handlers.signing.fields import prepare
from handlers.signing.images import StampImage
from handlers.signing.inspection import Inspector
from handlers.signing.keys import Pkcs12Key
from handlers.signing.levels import TrustMaterial
from handlers.signing.seal import seal
from handlers.signing.typeface import find_typefaces
from service.domain.signatures import Box, SignatureLayout, Slot, SlotKind, seal_box

AT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
PASSPHRASE = "bench"  # noqa: S105 - of a key that is made and thrown away here
LEADER = Box(350, 250, 500, 320)
LAYOUT = SignatureLayout(
    (
        Slot("leader", SlotKind.LEADER, 0, LEADER),
        Slot("number", SlotKind.TEXT, 0, Box(96, 700, 126, 716)),
        Slot("seal", SlotKind.SEAL, 0, seal_box(LEADER)),
    )
)


def make_pdf(ballast_bytes: int) -> bytes:
    """Return a one-page PDF with an attached stream of that size."""
    ballast = (b"%06d " % number for number in range(ballast_bytes // 7))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Ballast 4 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>",
    ]
    filling = b"".join(ballast)
    objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(filling), filling))
    body, places = [b"%PDF-1.7\n"], []
    size = len(body[0])
    for number, inner in enumerate(objects, 1):
        places.append(size)
        body.append(b"%d 0 obj\n%b\nendobj\n" % (number, inner))
        size += len(body[-1])
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    body.append(b"xref\n0 5\n0000000000 65535 f \n" + table)
    body.append(b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % size)
    return b"".join(body)


def draw(size: tuple[int, int]) -> bytes:
    """Return a blue scrawl as a transparent PNG."""
    image = Image.new("RGBA", size)
    width, height = size
    points = [(width * step // 12, height * (step * 5 % 7) // 7) for step in range(1, 12)]
    ImageDraw.Draw(image).line(points, fill=(25, 45, 190, 255), width=9, joint="curve")
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


class Bench:
    """Keys, images and prepared files, made once."""

    def __init__(self) -> None:
        self.authority = DemoAuthority.create(AT)
        holder = self.authority.issue_person("Người ký", "Cơ quan")
        self.packed = self.authority.pack(holder, PASSPHRASE)
        self.key = Pkcs12Key.open(self.packed, PASSPHRASE)
        self.png = draw((600, 280))
        self.image = StampImage.read(self.png, 50)
        self.faces = find_typefaces()
        stream = BytesIO(make_pdf(100_000))
        prepare(stream, LAYOUT)
        self.draft = stream.getvalue()
        self.approved = self.approve()
        self.trust = TrustMaterial(
            [self.authority.root.der()], (), list(self.authority.revocation_lists(AT).values())
        )

    def raw(self) -> None:
        """Make one RSA signature over as many bytes as the attributes have."""
        self.key.sign(bytes(250))

    def approve(self) -> bytes:
        """Sign as the leader, with the image."""
        stream = BytesIO(self.draft)
        approve(stream, "leader", self.key, image=self.image, at=AT)
        return stream.getvalue()

    def approve_bare(self) -> None:
        """Sign as the leader, without an image."""
        approve(BytesIO(self.draft), "leader", self.key, image=None, at=AT)

    def seal(self) -> None:
        """Fill the number and seal."""
        stream = BytesIO(self.approved)
        seal(stream, self.key, texts={"number": "05"}, image=self.image, typefaces=self.faces, at=AT)

    def stock(self) -> None:
        """Sign as the library's own guide shows: key and image loaded for each document."""
        signer = signers.SimpleSigner.load_pkcs12_data(self.packed, [], PASSPHRASE.encode())
        middle = layout.AxisAlignment.ALIGN_MID
        fit = layout.SimpleBoxLayoutRule(
            middle, middle, inner_content_scaling=layout.InnerScaling.STRETCH_TO_FIT
        )
        picture = images.PdfImage(Image.open(BytesIO(self.png)))
        style = StaticStampStyle(background=picture, border_width=0, background_layout=fit)
        meta = signers.PdfSignatureMetadata(
            field_name="leader", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
        )
        signers.PdfSigner(meta, signer=signer, stamp_style=style).sign_pdf(
            IncrementalPdfFileWriter(BytesIO(self.draft)), output=BytesIO()
        )

    def verify(self) -> None:
        """Validate the one signature, with revocation."""
        reader = IncrementalPdfFileWriter(BytesIO(self.approved)).prev
        status = validate_pdf_signature(reader.embedded_regular_signatures[0], self.trust.context(AT))
        if not status.bottom_line:
            raise SystemExit("the signature made here is not valid")


def measure_inspection(bench: Bench, files: int) -> float:
    """Return how many files with two signatures get their whole verdict in one CPU second, children included.

    A file with the leader's signature and the seal is judged as incoming files are: by the inspector, each in
    a child of its own; what the first start costs is left out.
    """
    with tempfile.TemporaryDirectory() as folder:
        trust, path = Path(folder) / "trust", Path(folder) / "sealed.pdf"
        bench.authority.save_trust(trust, AT)
        stream = BytesIO(bench.approved)
        seal(stream, bench.key, texts={"number": "05"}, image=bench.image, typefaces=bench.faces, at=AT)
        path.write_bytes(stream.getvalue())
        once, all_ = (_family_seconds(path, trust, count) for count in (1, files + 1))
        return files / (all_ - once)


def _family_seconds(path: Path, trust: Path, count: int) -> float:
    """Return the CPU seconds of an inspector that judged ``count`` files, and of its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    inspector = Inspector()
    request = {"path": str(path), "trust_dir": str(trust), "moment": AT.isoformat(), "seconds": 30}
    for _ in range(count):
        answer = inspector.ask(request | {"memory_bytes": 2 * 1024**3, "is_strict": True})
        if answer is None or answer["report"]["verdict"] != "valid":
            raise SystemExit("the document made here is not valid")
    inspector.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rate(act: Callable[[], object], seconds: float) -> float:
    """Return how often ``act`` runs in one CPU second."""
    act()
    started, count = time.process_time(), 0
    while (spent := time.process_time() - started) < seconds:
        act()
        count += 1
    return count / spent


def measure_memory(megabytes: int) -> dict[str, float]:
    """Prepare, sign and seal a file of that size in place; return extra peak memory in MB and CPU seconds."""
    bench = Bench()
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(
            [sys.executable, __file__, "--write", str(megabytes), file.name],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        before, started = memory_megabytes("VmRSS"), time.process_time()
        Path("/proc/self/clear_refs").write_text("5")  # lets the kernel count the peak from here
        with Path(file.name).open("r+b") as stream:
            prepare(stream, LAYOUT)
            approve(stream, "leader", bench.key, image=bench.image, at=AT)
            seal(stream, bench.key, texts={"number": "05"}, image=bench.image, typefaces=bench.faces, at=AT)
        spent = time.process_time() - started
        return {"extra_mb": memory_megabytes("VmHWM") - before, "cpu_seconds": spent}


def memory_megabytes(name: str) -> float:
    """Return a figure of this process: ``VmRSS`` now, ``VmHWM`` at its peak (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--memory-mb", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", nargs=2, metavar=("MB", "PATH"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        megabytes, path = arguments.write
        Path(path).write_bytes(make_pdf(int(megabytes) * 1_000_000))
        return
    memory = measure_memory(arguments.memory_mb)
    bench = Bench()
    cases = {
        "raw RSA-2048": bench.raw,
        "leader's signature with image": bench.approve,
        "leader's signature without image": bench.approve_bare,
        "number, date and seal": bench.seal,
        "stock signer with image": bench.stock,
        "validation of one signature": bench.verify,
    }
    results = {name: round(rate(act, arguments.seconds), 1) for name, act in cases.items()}
    results["verdict on two signatures, in a child"] = round(measure_inspection(bench, 60), 1)
    if arguments.json:
        print(json.dumps({"per_cpu_second": results, "large_file": memory}, indent=2))
        return
    for name, value in results.items():
        print(f"{name:40} {value:10.1f} /s")
    size = arguments.memory_mb
    print(
        f"{size} MB file, signed twice: {memory['extra_mb']:.0f} MB extra, {memory['cpu_seconds']:.1f} CPU s"
    )


if __name__ == "__main__":
    main()
