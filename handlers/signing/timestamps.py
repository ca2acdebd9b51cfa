"""Time-stamps of a trusted service over HTTP (RFC 3161): proof that a signature existed at an instant."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from asn1crypto import cms, tsp
from pyhanko.sign.general import CMSExtractionError, extract_certificate_info
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko.sign.timestamps.common_utils import handle_tsp_response
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from service.domain.errors import InvalidInput, Unavailable

TOKEN_BYTES: Final = 8 * 1024
"""Room for a token with the chain of its service; real ones take 3 to 7 KB."""

_MOST_ANSWER_BYTES: Final = 64 * 1024


class TimestampAuthority(TimeStamper):
    """The configured time-stamping service.

    Redirects are not followed and no proxy of the environment is used: the address is the deployment's own.

    Args:
        url: http or https.
        wait: for a connection and for an answer.
        token_bytes: the room for a token in each signature.
    """

    def __init__(
        self, url: str, wait: timedelta = timedelta(seconds=10), token_bytes: int = TOKEN_BYTES
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the library is partly typed
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            vi, en = (
                "Địa chỉ dịch vụ dấu thời gian không hợp lệ.",
                "Bad address of the time-stamping service.",
            )
            raise InvalidInput("timestamp.bad_address", vi, en)
        self.url = url
        self.token_bytes = token_bytes
        self._wait = wait

    def request_token(self, signature: bytes) -> bytes:
        """Return the token over a signature value, a DER ContentInfo.

        Raises:
            Unavailable: ``timestamp.unavailable``; no answer, a refusal, or an answer to something else.
        """
        digest = hashlib.sha256(signature).digest()
        _, request = self.request_cms(digest, "sha256")  # type: ignore[no-untyped-call] # the same
        return bytes(self._ask(request)["time_stamp_token"].dump())

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the service's answer; called by the library for document time-stamps."""
        return self._ask(req)

    def _ask(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return an answer that is believed: granted, to this very request, and signed by a time-stamper."""
        try:
            answer = tsp.TimeStampResp.load(self._post(request.dump()), strict=True)
            is_good = _answers(handle_tsp_response(answer, None), request)
        except (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError):
            raise unavailable() from None
        except (TimestampRequestError, CMSExtractionError, SignatureValidationError):
            raise unavailable() from None
        if not is_good:
            raise unavailable()
        return answer

    def _post(self, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(str(parts.hostname), parts.port, timeout=self._wait.total_seconds())
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {"Content-Type": "application/timestamp-query"})
            answer = connection.getresponse()
            content = answer.read(_MOST_ANSWER_BYTES + 1)
        finally:
            connection.close()
        is_reply = answer.getheader("Content-Type", "").startswith("application/timestamp-reply")
        if answer.status != HTTPStatus.OK or not is_reply or len(content) > _MOST_ANSWER_BYTES:
            raise HTTPException
        return content


def _answers(token: cms.ContentInfo, request: tsp.TimeStampReq) -> bool:
    """Say whether a token is over what was asked for, with its nonce, and by whom it says (RFC 3161 §2.4.2).

    Whether an anchor vouches for the signer is asked when the proof goes into the file.
    """
    content = token["content"]["encap_content_info"]["content"]
    info: tsp.TSTInfo = content.parsed
    if info["nonce"].native != request["nonce"].native:
        return False
    if info["message_imprint"].native != request["message_imprint"].native:
        return False
    signer = token["content"]["signer_infos"][0]
    certificate = extract_certificate_info(token["content"]).signer_cert
    digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    is_intact, is_signed = validate_sig_integrity(signer, certificate, "tst_info", digest)
    usage = certificate.extended_key_usage_value
    is_stamper = usage is not None and "time_stamping" in usage.native
    in_time = certificate.not_valid_before <= info["gen_time"].native <= certificate.not_valid_after
    return is_intact and is_signed and is_stamper and in_time


def unavailable() -> Unavailable:
    """Return the refusal where the service gives no answer, or one that is not to be believed."""
    vi = "Dịch vụ dấu thời gian không trả lời hoặc trả lời sai."
    return Unavailable("timestamp.unavailable", vi, "The time-stamping service gives no or a wrong answer.")
