"""Time-stamps of a trusted service over HTTP (RFC 3161): proof that a signature existed at an instant."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from asn1crypto import cms, tsp
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko.sign.timestamps.common_utils import handle_tsp_response

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
        nonce, request = self.request_cms(digest, "sha256")  # type: ignore[no-untyped-call] # the same
        try:
            token = handle_tsp_response(self._ask(request), nonce)
        except TimestampRequestError:
            raise _unavailable() from None
        if _stamped_digest(token) != digest:
            raise _unavailable()
        return bytes(token.dump())

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the service's answer; called by the library for document time-stamps."""
        return self._ask(req)

    def _ask(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        try:
            return tsp.TimeStampResp.load(self._post(request.dump()), strict=True)
        except (OSError, HTTPException, ValueError):
            raise _unavailable() from None

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


def _stamped_digest(token: cms.ContentInfo) -> bytes | None:
    try:
        info = token["content"]["encap_content_info"]["content"].parsed
        return bytes(info["message_imprint"]["hashed_message"].native)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _unavailable() -> Unavailable:
    vi = "Dịch vụ dấu thời gian không trả lời hoặc trả lời sai."
    return Unavailable("timestamp.unavailable", vi, "The time-stamping service gives no or a wrong answer.")
