"""Where a deployment keeps what signing needs: keys on this machine, devices, services; no secret."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SigningPlaces:
    """The deployment's own places; nothing is fetched from an address that a file or a certificate names.

    Attributes:
        key_dir: folder of PKCS #12 files, each with its passphrase in a file beside it, and of the PINs of
            devices; None = no key lies on this machine.
        trust_dir: folder with ``roots/``, ``intermediates/`` and ``crls/``; what is not there is not trusted.
        timestamp_url: the time-stamping service (RFC 3161); "" = signatures stay at level B-B.
        device_module: shared library of the maker of the PKCS #11 device; None = no device.
        remote_url: base address of the remote signing service (CSC API) with its version; "" = none.
        revocation_urls: where revocation lists are fetched from, at intervals, into ``trust_dir``.
    """

    key_dir: Path | None = None
    trust_dir: Path | None = None
    timestamp_url: str = ""
    device_module: Path | None = None
    remote_url: str = ""
    revocation_urls: tuple[str, ...] = ()
