"""Another provider's login: OpenID Connect, authorization code flow with PKCE (RFC 6749, RFC 7636).

The only module that knows Authlib. One provider, the one of the settings, is ever talked to; nothing that a
request holds becomes an address. What the provider says is believed only if its token is signed with one of
its present keys by an asymmetric algorithm, for this client, for this login, and now.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeGuard
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from service.config import ProviderSettings
from service.domain.errors import Unauthenticated, Unavailable

SCOPE: Final = "openid profile"
ALGORITHMS: Final = ["RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA"]
LEEWAY_SECONDS: Final = 60
KEPT_FOR: Final = timedelta(hours=1)
"""Its configuration and keys are asked for again after so long."""

ASKED_AGAIN_AFTER: Final = timedelta(seconds=10)
"""An unknown key makes us look for new ones, but not more often than this."""

LONGEST_SUBJECT: Final = 255
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"

_SECONDS: Final = (5, 10)
_MOST_BYTES: Final = 256 * 1024
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_log = logging.getLogger("congvan.provider")


@dataclass(frozen=True, slots=True)
class Claims:
    """Who logged in at the provider.

    Attributes:
        issuer: of the provider.
        subject: who, for good: never reused, unlike names and addresses.
        login: what the settings' claim says; "" = nothing.
    """

    issuer: str
    subject: str
    login: str


@dataclass(frozen=True, slots=True)
class Journey:
    """What one way to the provider and back is bound by: random values, each used once."""

    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What was asked of the provider, and when."""

    metadata: dict[str, Any]
    keys: KeySet
    asked_at: datetime


class OpenIdProvider:
    """The provider of the settings.

    Args:
        settings: issuer, client and claim.
        redirect_uri: where the browser comes back.
    """

    def __init__(self, settings: ProviderSettings, redirect_uri: str) -> None:
        self.settings = settings
        self._redirect_uri = redirect_uri
        self._known: _Known | None = None
        self._asking = threading.Lock()

    def authorization_url(self, journey: Journey, now: datetime) -> str:
        """Return where the browser is sent to log in.

        Raises:
            Unavailable: the provider does not answer, or not as a provider does.
        """
        known = self._ask(now)
        with self._client(known) as client:
            url, _ = client.create_authorization_url(
                known.metadata["authorization_endpoint"],
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.code_verifier,
            )
        return str(url)

    def claims_of(self, code: str, journey: Journey, now: datetime) -> Claims:
        """Return who logged in, for the code that the browser brought back.

        Raises:
            Unauthenticated: the provider refuses the code, or what it says is not to be believed.
            Unavailable: the provider does not answer.
        """
        known = self._ask(now)
        answer = self._token_answer(known, code, journey)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise refused("no id_token")
        params = {
            "nonce": journey.nonce,
            "client_id": self.settings.client_id,
            "access_token": answer.get("access_token"),
        }
        claims = self._verified(token, params, now)
        login = claims.get(self.settings.login_claim) if self.settings.login_claim else None
        return Claims(self.settings.issuer, claims["sub"], login if _is_name(login) else "")

    def check_sender(self, issuer: str | None, now: datetime) -> None:
        """Refuse an answer that another provider sent (RFC 9207).

        Raises:
            Unauthenticated: the answer names another issuer, or none where this provider always does.
        """
        must_be_named = self._ask(now).metadata.get("authorization_response_iss_parameter_supported") is True
        if issuer is None and not must_be_named:
            return
        if issuer != self.settings.issuer:
            raise refused("the answer names another issuer")

    def subject_logged_out(self, token: str, now: datetime) -> str:
        """Return whose login the provider has ended (OpenID Connect Back-Channel Logout 1.0).

        Raises:
            Unauthenticated: what it says is not to be believed, or names nobody.
            Unavailable: the provider does not answer.
        """
        claims = self._verified(token, {"client_id": self.settings.client_id}, now)
        events = claims.get("events")
        if "nonce" in claims or not isinstance(events, dict) or LOGOUT_EVENT not in events:
            raise refused("this is no logout token")
        return str(claims["sub"])

    def logout_url(self, return_to: str, now: datetime) -> str | None:
        """Return where the browser ends its login at the provider too; None = the provider has no such place.

        Raises:
            Unavailable: the provider does not answer.
        """
        address = self._ask(now).metadata.get("end_session_endpoint")
        if not isinstance(address, str) or not self._is_trusted(address):
            return None
        told = {"client_id": self.settings.client_id, "post_logout_redirect_uri": return_to}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(told)}"

    def _client(self, known: _Known) -> OAuth2Session:
        ways = known.metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        client = OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret or None,
            token_endpoint_auth_method=way if self.settings.client_secret else "none",
            scope=SCOPE,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            default_timeout=_SECONDS,
        )
        return _hardened(client)

    def _token_answer(self, known: _Known, code: str, journey: Journey) -> dict[str, Any]:
        with self._client(known) as client:
            try:
                answer = client.fetch_token(
                    known.metadata["token_endpoint"], code=code, code_verifier=journey.code_verifier
                )
            except OAuthError as error:
                raise refused(f"the provider refuses the code: {error.error}") from error
            except requests.RequestException as error:
                raise _unavailable(error) from error
            except ValueError as error:
                raise refused("the token endpoint does not answer in JSON") from error
        return dict(answer)

    def _verified(self, token: str, params: dict[str, Any], now: datetime) -> CodeIDToken:
        try:
            try:
                decoded = jwt.decode(token, self._ask(now).keys, ALGORITHMS)
            except InvalidKeyIdError:
                decoded = jwt.decode(token, self._ask(now, ASKED_AGAIN_AFTER).keys, ALGORITHMS)
            options = {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client_id},
                "sub": {"essential": True},
            }
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as error:
            raise refused(f"the id_token is not believed: {type(error).__name__}: {error}") from error
        if not _is_name(claims["sub"]):
            raise refused("the subject is no subject")
        return claims

    def _ask(self, now: datetime, kept_for: timedelta = KEPT_FOR) -> _Known:
        """Return the provider's configuration and keys, asked for again once they are older than that."""
        known = self._known
        if known is None or now - known.asked_at >= kept_for:
            with self._asking:
                if self._known is known:
                    self._known = self._asked(now)
                known = self._known
        assert known is not None
        return known

    def _asked(self, now: datetime) -> _Known:
        address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        if not self._is_trusted(address):
            raise _unavailable(ValueError("the issuer is no https address"))
        metadata = self._get(address)
        if metadata.get("issuer") != self.settings.issuer:
            raise _unavailable(ValueError("the configuration names another issuer"))
        for name in _ENDPOINTS:
            if not isinstance(metadata.get(name), str) or not self._is_trusted(metadata[name]):
                raise _unavailable(ValueError(f"{name} is no https address"))
        try:
            keys = KeySet.import_key_set({"keys": self._get(metadata["jwks_uri"]).get("keys", [])})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _unavailable(error) from error
        return _Known(metadata, keys, now)

    def _is_trusted(self, address: str) -> bool:
        """Whether an address keeps what is said secret: https; on this machine, as the issuer does."""
        parts, issuer = urlsplit(address), urlsplit(self.settings.issuer)
        if parts.scheme == "https":
            return bool(parts.hostname)
        is_local = parts.hostname in _LOOPBACK and issuer.hostname in _LOOPBACK
        return parts.scheme == "http" == issuer.scheme and is_local

    def _get(self, address: str) -> dict[str, Any]:
        with _hardened(requests.Session()) as session:
            try:
                with session.get(address, timeout=_SECONDS, stream=True, allow_redirects=False) as answer:
                    answer.raise_for_status()
                    body = answer.raw.read(_MOST_BYTES, decode_content=True)
                    told = json.loads(body)
            except (requests.RequestException, OSError, ValueError) as error:
                raise _unavailable(error) from error
        if not isinstance(told, dict):
            raise _unavailable(TypeError("no JSON object"))
        return told


def _is_name(value: object) -> TypeGuard[str]:
    """Whether a claim is text that can name someone (a subject has 255 characters at most, OIDC Core 2)."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_SUBJECT and value.isprintable()


def refused(reason: str) -> Unauthenticated:
    """Return the refusal of a login at the provider; the reason goes to the log, not to the browser."""
    _log.warning("login at the provider refused: %s", reason)
    return Unauthenticated(
        "login.provider_refused",
        "Không xác nhận được đăng nhập từ hệ thống định danh; hãy thử lại.",
        "The login at the identity provider could not be confirmed; try again.",
    )


def _unavailable(error: Exception) -> Unavailable:
    _log.warning("the provider does not answer as it should", exc_info=error)
    return Unavailable(
        "provider.unavailable",
        "Hệ thống định danh tạm thời không phục vụ được; hãy đăng nhập bằng mật khẩu.",
        "The identity provider is not available for the moment; sign in with the password.",
    )


def _hardened(session: Any) -> Any:
    """Return a session that follows no redirect and takes no proxy or password from its surroundings."""
    session.trust_env = False
    session.max_redirects = 0
    return session
