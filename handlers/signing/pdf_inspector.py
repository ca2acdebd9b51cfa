"""Looks into one foreign PDF and says what its signatures are worth; runs in a process of its own.

Loaded by the program ``inspector_process.py`` with nothing of this project on its path, it looks into each
file in a child of its own with limits on time and memory, so that a hostile file can waste a bounded amount
and reach nothing. Never uses the network. An error ends the child: the caller asks once more leniently, and
then calls the file unreadable.

The verdict is stricter than pyHanko's own ``bottom_line``: four answers are kept apart (integrity, trust,
revocation, later changes), the last signature must cover the file, and an unsigned signature field with an
appearance, which could be laid over the text, spoils the document. A certificate that has ended or was
revoked since is judged as of the time that a trusted time-stamp proves (ETSI EN 319 102-1 §5.5, §5.6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import crl, ocsp, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

MOST_SIGNATURES = 40
"""Revisions cost quadratically; a document with more signatures is not judged."""

Json = dict[str, Any]


class Trust:
    """Trust anchors and revocation data of the deployment; what is not there is not trusted."""

    def __init__(
        self,
        roots: Sequence[x509.Certificate],
        intermediates: Sequence[x509.Certificate],
        crls: Sequence[crl.CertificateList],
    ) -> None:
        self.roots = list(roots)
        self.intermediates = list(intermediates)
        self.crls = list(crls)

    @classmethod
    def read(cls, folder: str | None) -> Trust:
        """Return what lies in the settings folder; None = nothing is trusted."""
        root = Path(folder) if folder else None
        if root is None:
            return cls([], [], [])
        found = _certificates(root / "roots"), _certificates(root / "intermediates")
        return cls(*found, _revocation_lists(root / "crls"))

    def context(self, reader: PdfFileReader, moment: datetime, mode: str) -> ValidationContext:
        """Return a fresh context that fetches nothing, with revocation data that the document carries."""
        certificates, crls, ocsps = self.with_kept_in(reader)
        return ValidationContext(
            trust_roots=self.roots,
            other_certs=certificates,
            crls=crls,
            ocsps=ocsps,
            allow_fetching=False,
            revocation_mode=mode,
            moment=moment,
        )

    def past(
        self, reader: PdfFileReader, signed: Any, at: datetime, mode: str = "require"
    ) -> ValidationContext:
        """Return a context for judging a signature as of an instant before now.

        A list that was issued later tells of then, too, by the dates that it gives, but only until the
        certificate ended: later ones leave it out.
        """
        ended = extract_certificate_info(signed).signer_cert.not_valid_after
        certificates, crls, ocsps = self.with_kept_in(reader)
        return ValidationContext(
            trust_roots=self.roots,
            other_certs=certificates,
            crls=[one for one in crls if one["tbs_cert_list"]["this_update"].native <= ended],
            ocsps=[one for one in ocsps if one.response_data["produced_at"].native <= ended],
            allow_fetching=False,
            revocation_mode=mode,
            moment=at,
            retroactive_revinfo=True,
        )

    def with_kept_in(self, reader: PdfFileReader) -> tuple[list[Any], list[Any], list[Any]]:
        """Return certificates, revocation lists and OCSP answers, with those that the document carries."""
        try:
            store = DocumentSecurityStore.read_dss(reader)
        except NoDSSFoundError:
            return self.intermediates, self.crls, []
        certificates = [x509.Certificate.load(one.get_object().data) for one in store.certs.values()]
        lists = [crl.CertificateList.load(one.get_object().data) for one in store.crls]
        answers = [ocsp.OCSPResponse.load(one.get_object().data) for one in store.ocsps]
        return [*self.intermediates, *certificates], [*self.crls, *lists], answers


def inspect(request: Json) -> Json:
    """Return the report on a file; the request is ``{path, trust_dir, moment, is_strict}``."""
    moment = datetime.fromisoformat(request["moment"])
    trust = Trust.read(request.get("trust_dir"))
    with Path(request["path"]).open("rb") as file:
        return _inspect(file, trust, moment, is_strict=request["is_strict"])


def _inspect(file: Any, trust: Trust, moment: datetime, *, is_strict: bool) -> Json:
    reader = PdfFileReader(file, strict=is_strict)
    if reader.encrypted:
        return _unreadable(["encrypted"], verdict="encrypted")
    signatures = list(reader.embedded_regular_signatures)
    if len(signatures) + len(reader.embedded_timestamp_signatures) > MOST_SIGNATURES:
        return _unreadable(["too_many_signatures"])
    covers = _has_painted_unsigned_field(reader)
    if not signatures:
        reasons = ["painted_unsigned_field"] if covers else []
        return _report("unsigned", [], reasons, is_lenient=not is_strict)
    found = [_judge(reader, one, trust, moment) for one in signatures]
    stamps = [_stamp(reader, one, trust, moment) for one in reader.embedded_timestamp_signatures]
    reasons = _reasons(found, is_last_whole=_is_last_whole(found, stamps), has_cover=covers)
    if not trust.roots:
        reasons.append("no_trust_anchor")
    report = _report(_verdict(found, reasons), found, reasons, is_lenient=not is_strict, timestamps=stamps)
    return report | {"revisions": int(reader.xrefs.total_revisions)}


def _judge(reader: PdfFileReader, signature: Any, trust: Trust, moment: datetime) -> Json:
    """Return the four answers for one signature."""
    status, revocation = _validate(reader, signature, trust, moment)
    certificate = signature.signer_cert
    stamp = status.timestamp_validity
    facts: Json = {
        "field": signature.field_name,
        "signer": _common_name(certificate),
        "organisation": _name_part(certificate, "organization_name"),
        "issuer": certificate.issuer.human_friendly,
        "serial": f"{certificate.serial_number:x}",
        "fingerprint": certificate.sha256.hex(),
        "signed_at": _iso(status.signer_reported_dt),
        "timestamp_at": _iso(stamp.timestamp) if stamp else None,
        "is_timestamp_trusted": bool(stamp and stamp.valid and stamp.trusted),
        "algorithm": status.md_algorithm,
        "coverage": _word(status.coverage),
    }
    facts["integrity"] = "intact" if status.intact and status.valid else "broken"
    facts["trust"] = "trusted" if _is_trusted(reader, signature, status, trust, moment) else "untrusted"
    facts["trust_problem"] = _word(status.trust_problem_indic)
    facts["revocation"] = revocation
    facts["proved_at"] = None
    if facts["integrity"] == "intact" and (facts["trust"], revocation) != ("trusted", "good"):
        proved = prove_time(reader, signature, trust, moment)
        if proved is not None and (proved[1] == "good" or revocation != "revoked"):
            facts |= {"trust": "trusted", "trust_problem": None, "is_timestamp_trusted": True}
            facts |= {"proved_at": _iso(proved[0]), "revocation": proved[1]}
    facts["later_changes"] = _later_changes(status)
    facts["changed_fields"] = _changed_fields(status)
    facts["is_rule_kept"] = bool(status.docmdp_ok and status.seed_value_ok)
    facts["signed_revision"] = signature.signed_revision
    return facts


def _validate(reader: PdfFileReader, signature: Any, trust: Trust, moment: datetime) -> tuple[Any, str]:
    """Return the library's status and what is known of revocation; one pass where lists say it is good."""
    status = validate_pdf_signature(signature, trust.context(reader, moment, "require"))
    stamp = status.timestamp_validity
    if status.trusted and (stamp is None or stamp.trusted):
        return status, "good"
    status = validate_pdf_signature(signature, trust.context(reader, moment, "soft-fail"))
    return status, _revocation(reader, signature, status, trust, moment)


def _is_trusted(reader: PdfFileReader, signature: Any, status: Any, trust: Trust, moment: datetime) -> bool:
    """Say whether an anchor vouches for the certificate; of a broken signature the library does not ask."""
    if status.trusted or (status.intact and status.valid):
        return bool(status.trusted)
    validator = CertificateValidator(
        signature.signer_cert,
        intermediate_certs=list(signature.other_embedded_certs),
        validation_context=trust.context(reader, moment, "soft-fail"),
    )
    try:
        asyncio.run(validator.async_validate_path())
    except (PathError, ValidationError):
        return False
    return True


def prove_time(
    reader: PdfFileReader, signature: Any, trust: Trust, moment: datetime
) -> tuple[datetime, str] | None:
    """Return as of when trusted time-stamps show a signature good, and its revocation; None where none does.

    Each document time-stamp after the signature is judged as of the time that the next one proves, the last
    one as of ``moment``; then the time-stamp over the signature, then the signature.
    """
    at = moment
    for stamp in reversed(reader.embedded_timestamp_signatures):
        if stamp.signed_revision > signature.signed_revision:
            past = trust.past(reader, stamp.signed_data, at)
            at = _proved_by(validate_pdf_timestamp(stamp, past, skip_diff=True), at)
    for over in extract_tst_data_iter(signature.signer_info, signed=False):
        past = trust.past(reader, over, at)
        status = validate_pdf_signature(signature, past, ts_validation_context=past, skip_diff=True)
        at = _proved_by(status.timestamp_validity, at)
    if at >= moment:
        return None
    for mode, revocation in (("require", "good"), ("soft-fail", "unknown")):
        past = trust.past(reader, signature.signed_data, at, mode)
        if validate_pdf_signature(signature, past, skip_diff=True).trusted:
            return at, revocation
    return None


def _proved_by(status: Any, at: datetime) -> datetime:
    return min(at, status.timestamp) if status.intact and status.valid and status.trusted else at


def _revocation(reader: PdfFileReader, signature: Any, status: Any, trust: Trust, moment: datetime) -> str:
    if status.revoked:
        return "revoked"
    if not status.trusted:
        return "unknown"
    checked = validate_pdf_signature(signature, trust.context(reader, moment, "require"), skip_diff=True)
    if checked.revoked:
        return "revoked"
    return "good" if checked.trusted else "unknown"


def _later_changes(status: Any) -> str:
    """Return none, extended (only data for long-term proof), permitted, or forbidden."""
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return "none"
    level = status.modification_level
    if level is None or level == ModificationLevel.OTHER or not status.docmdp_ok:
        return "forbidden"
    if level == ModificationLevel.LTA_UPDATES:
        return "extended"
    return "permitted" if status.coverage == SignatureCoverageLevel.ENTIRE_REVISION else "forbidden"


def _changed_fields(status: Any) -> list[str]:
    result = status.diff_result
    fields = getattr(result, "changed_form_fields", None)
    return sorted(str(name) for name in fields) if fields else []


def _stamp(reader: PdfFileReader, signature: Any, trust: Trust, moment: datetime) -> Json:
    status = validate_pdf_timestamp(signature, trust.context(reader, moment, "soft-fail"))
    return {
        "at": _iso(status.timestamp),
        "is_valid": bool(status.intact and status.valid),
        "is_trusted": bool(status.trusted),
        "coverage": _word(status.coverage),
        "signed_revision": signature.signed_revision,
    }


def _is_last_whole(found: list[Json], stamps: list[Json]) -> bool:
    """Say whether the file ends with what the last signature or document timestamp covers."""
    last = max(
        [*found, *(one for one in stamps if one["is_valid"])], key=lambda one: int(one["signed_revision"])
    )
    return last["coverage"] == "entire_file" or last.get("later_changes") == "extended"


def _has_painted_unsigned_field(reader: PdfFileReader) -> bool:
    """Say whether an empty signature field draws something, which could cover what was signed."""
    fields: Any = enumerate_sig_fields(reader)
    return any(value is None and _has_appearance(reference.get_object()) for _, value, reference in fields)


def _has_appearance(field: Any) -> bool:
    widgets = [field, *(kid.get_object() for kid in field.get("/Kids", ()))]
    for widget in widgets:
        normal: Any = widget["/AP"].get("/N") if "/AP" in widget else None
        data = getattr(normal.get_object() if hasattr(normal, "get_object") else normal, "data", b"")
        if data.strip():
            return True
    return False


def _reasons(found: list[Json], *, is_last_whole: bool, has_cover: bool) -> list[str]:
    is_untrusted = any(one["trust"] != "trusted" for one in found)
    reasons = {
        "broken": any(one["integrity"] != "intact" for one in found),
        "changed_after_signing": any(
            one["later_changes"] == "forbidden" or not one["is_rule_kept"] for one in found
        ),
        "not_covered_to_the_end": not is_last_whole,
        "painted_unsigned_field": has_cover,
        "revoked": any(one["revocation"] == "revoked" for one in found),
        "untrusted": is_untrusted,
        "revocation_unknown": not is_untrusted and any(one["revocation"] == "unknown" for one in found),
    }
    return [name for name, holds in reasons.items() if holds]


_SPOILING = {"broken", "changed_after_signing", "not_covered_to_the_end", "painted_unsigned_field", "revoked"}


def _verdict(found: list[Json], reasons: list[str]) -> str:
    if _SPOILING & set(reasons):
        return "invalid"
    return "indeterminate" if reasons or not found else "valid"


def _report(
    verdict: str,
    found: list[Json],
    reasons: list[str],
    *,
    is_lenient: bool,
    timestamps: list[Json] | None = None,
) -> Json:
    return {
        "verdict": verdict,
        "integrity": _worst(found, "integrity", ("broken", "intact")),
        "trust": _worst(found, "trust", ("untrusted", "trusted")),
        "revocation": _worst(found, "revocation", ("revoked", "unknown", "good")),
        "later_changes": _worst(found, "later_changes", ("forbidden", "permitted", "extended", "none")),
        "reasons": reasons,
        "is_lenient": is_lenient,
        "signatures": found,
        "timestamps": timestamps or [],
    }


def _worst(found: list[Json], name: str, order: tuple[str, ...]) -> str | None:
    values = {one[name] for one in found}
    return next((value for value in order if value in values), None)


def _unreadable(reasons: list[str], verdict: str = "unreadable") -> Json:
    return _report(verdict, [], reasons, is_lenient=False)


def _common_name(certificate: x509.Certificate) -> str:
    return _name_part(certificate, "common_name") or str(certificate.subject.human_friendly)


def _name_part(certificate: x509.Certificate, part: str) -> str | None:
    value = certificate.subject.native.get(part)
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value)
    return str(value) if value else None


def _word(value: Any) -> str | None:
    """Return the name of an enumeration's member in small letters."""
    return None if value is None else str(value.name).lower()


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _certificates(folder: Path) -> list[x509.Certificate]:
    return [x509.Certificate.load(der) for der in _objects(folder, {".pem", ".crt", ".cer", ".der"})]


def _revocation_lists(folder: Path) -> list[crl.CertificateList]:
    return [crl.CertificateList.load(der) for der in _objects(folder, {".crl", ".pem"})]


def _objects(folder: Path, suffixes: set[str]) -> list[bytes]:
    found: list[bytes] = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if path.suffix.lower() not in suffixes:
            continue
        data = path.read_bytes()
        if pem.detect(data):
            found += [der for _, _, der in pem.unarmor(data, multiple=True)]
        else:
            found.append(data)
    return found
