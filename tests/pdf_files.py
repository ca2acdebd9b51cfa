"""PDFs for tests: written by hand, so that each byte is ours."""

from __future__ import annotations


def plain_pdf(text: str = "Van ban thu nghiem", catalogue: str = "", *more: str) -> bytes:
    """Return a one-page PDF without any signature.

    Args:
        text: on its page.
        catalogue: further entries of the catalogue.
        more: further objects, from number 6.
    """
    content = f"BT /F1 14 Tf 72 760 Td ({text}) Tj ET"
    fonts = "/Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalogue}>>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {fonts} >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    ]
    body, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, inner in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{inner}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    tail = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + tail.encode("latin-1")
