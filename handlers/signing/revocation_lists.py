"""Revocation lists of the trust folder: fetched from the deployment's own addresses, at intervals.

Nothing is fetched while a file is judged, and never from an address that a certificate names. A list is taken
only if an authority of the trust folder signed it, it is in force, and newer than the one that is there.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from handlers.signing.demo_authority import DEMO_LIST, DemoAuthority
from handlers.signing.key_ring import COMMON_PASSPHRASE
from handlers.signing.levels import TrustMaterial
from service.domain.signing_places import SigningPlaces

log = logging.getLogger("congvan.signing")

WAIT: Final = timedelta(seconds=15)
MOST_LIST_BYTES: Final = 20 * 1024 * 1024
_DEMO_MARGIN: Final = timedelta(days=10)


def refresh_lists(places: SigningPlaces, at: datetime) -> int:
    """Fetch the configured lists into the trust folder; return how many were replaced.

    A list that cannot be had, or is not believed, leaves the one that is there; the log tells of it.

    Args:
        places: of the deployment.
        at: aware; now.
    """
    if places.trust_dir is None:
        return 0
    taken = sum(_refresh(url, places.trust_dir, at) for url in places.revocation_urls)
    return taken + _refresh_demo(places, at)


def _refresh(url: str, trust_dir: Path, at: datetime) -> bool:
    path = trust_dir / "crls" / f"{hashlib.sha256(url.encode()).hexdigest()[:24]}.crl"
    try:
        content = _fetch(url)
        fetched = _believed(content, _authorities(trust_dir), at)
    except (OSError, HTTPException, ValueError) as error:
        facts = {"action": "crl.fault", "address": url, "fault": type(error).__name__}
        log.warning("a revocation list was not taken", extra=facts)
        return False
    if path.exists() and _load(path.read_bytes()).last_update_utc >= fetched.last_update_utc:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_bytes(fetched.public_bytes(Encoding.DER))
    draft.replace(path)
    return True


def _believed(
    content: bytes, authorities: Iterable[x509.Certificate], at: datetime
) -> x509.CertificateRevocationList:
    """Return the list if one of the authorities signed it and it is in force.

    Raises:
        ValueError: it is not to be believed.
    """
    found = _load(content)
    if found.next_update_utc is None or not found.last_update_utc <= at < found.next_update_utc:
        raise ValueError("not in force")
    for authority in authorities:
        if authority.subject == found.issuer and found.is_signature_valid(authority.public_key()):  # type: ignore[arg-type] # authorities have keys that sign
            return found
    raise ValueError("not signed by an authority of the trust folder")


def _authorities(trust_dir: Path) -> list[x509.Certificate]:
    trust = TrustMaterial.load(trust_dir)
    return [x509.load_der_x509_certificate(one) for one in (*trust.roots, *trust.intermediates)]


def _load(content: bytes) -> x509.CertificateRevocationList:
    is_pem = b"-----BEGIN" in content[:100]
    return x509.load_pem_x509_crl(content) if is_pem else x509.load_der_x509_crl(content)


def _fetch(url: str) -> bytes:
    """Return what lies at an address of the deployment; redirects are not followed.

    Raises:
        OSError: no connection, or no answer in time.
        HTTPException: an answer other than the file, or too long a one.
    """
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(str(parts.hostname), parts.port, timeout=WAIT.total_seconds())
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        content = answer.read(MOST_LIST_BYTES + 1)
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK or len(content) > MOST_LIST_BYTES:
        raise HTTPException
    return content


def _refresh_demo(places: SigningPlaces, at: datetime) -> int:
    """Write the demonstration authority's lists anew before they end, where there is such an authority."""
    if places.key_dir is None or places.trust_dir is None:
        return 0
    folder, written = places.key_dir / "authority", places.trust_dir / "crls" / DEMO_LIST
    lock = places.key_dir / COMMON_PASSPHRASE
    if not folder.is_dir() or not written.exists() or not lock.exists():
        return 0
    ends_at = _load(written.read_bytes()).next_update_utc
    if ends_at is not None and ends_at - at > _DEMO_MARGIN:
        return 0
    authority = DemoAuthority.load(folder, lock.read_text(encoding="utf-8").strip(), at)
    authority.save_trust(places.trust_dir, at)
    return 1
