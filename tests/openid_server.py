"""A real OpenID provider on loopback, for tests: discovery, keys, authorization code with PKCE, tokens, logout.

It is strict where a real one is strict (redirect URI, PKCE, client secret, a code once), so that what the house
sends is checked; and it can be told to misbehave in one way at a time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "cong-van", "bi mat cua ung dung"


@dataclass
class OpenIdServer:
    """The provider.

    Attributes:
        now: its clock.
        redirect_uri: the one that is registered.
        person: the claims of whoever is signed in there.
        id_claims: changes the claims of an id_token before it is signed.
        header: the header of an id_token.
        faults: names of what it does wrong.
        asked: the paths that were called.
    """

    now: Callable[[], datetime]
    redirect_uri: str
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "248289761001"})
    id_claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    faults: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    issuer: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys = [self._new_key()]
        self.codes: dict[str, dict[str, str]] = {}
        self.spent: set[str] = set()

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is gone."""
        self.keys = [self._new_key()]

    def logout_token(self, **changes: Any) -> str:
        """Return a signed word that the person's login has ended; None drops a claim."""
        now = int(self.now().timestamp())
        event = "http://schemas.openid.net/event/backchannel-logout"
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": token_urlsafe(8),
            "sub": self.person["sub"],
            "events": {event: {}},
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.keys[0].kid, "typ": "logout+jwt"}, kept, self.keys[0])

    def log_in(self, address: str) -> str:
        """Do what a browser and its person do at the provider; return where the browser is sent back to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == self.issuer
        answer = self.app.test_client().get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return answer.headers["Location"]

    @property
    def app(self) -> Flask:
        """The provider as a Flask application."""
        app = Flask("openid_server")
        app.before_request(lambda: self.asked.append(request.path))
        app.get("/.well-known/openid-configuration")(self._configuration)
        app.get("/jwks")(self._jwks)
        app.get("/authorize")(self._authorize)
        app.post("/token")(self._token)
        return app

    def _configuration(self) -> Response:
        if "moved" in self.faults:
            return redirect("https://elsewhere.example.net/", 302)
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }
        return jsonify({**told, **self.metadata})

    def _jwks(self) -> Response:
        return jsonify(KeySet(self.keys).as_dict())

    def _authorize(self) -> Response:
        asked = {name: values[0] for name, values in parse_qs(request.query_string.decode()).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["redirect_uri"] == self.redirect_uri
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = token_urlsafe(16)
        self.codes[code] = {"nonce": asked["nonce"], "challenge": asked["code_challenge"]}
        back = {"code": code, "state": asked["state"]}
        if "iss" in self.metadata.get("answers", ()):
            back["iss"] = self.issuer
        return redirect(f"{self.redirect_uri}?{urlencode(back)}", 302)

    def _token(self) -> Response | tuple[Response, int]:
        if "down" in self.faults:
            return jsonify(error="temporarily_unavailable"), 503
        if "not json" in self.faults:
            return Response("<html>", mimetype="text/html")
        login = request.authorization
        assert login is not None
        assert (login.username, login.password) == (CLIENT_ID, CLIENT_SECRET)
        code = request.form["code"]
        known = self.codes.pop(code, None)
        verifier = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        is_right = known is not None and known["challenge"] == urlsafe_b64encode(verifier).decode().rstrip(
            "="
        )
        if not is_right or request.form["redirect_uri"] != self.redirect_uri:
            return jsonify(error="invalid_grant"), 400
        answer = {"access_token": token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
        if "no id_token" not in self.faults:
            answer["id_token"] = self._id_token(known["nonce"])
        return jsonify(answer)

    def _id_token(self, nonce: str) -> str:
        now = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.person,
        }
        claims = self.id_claims(claims)
        if "none" in self.faults:
            return _unsigned(claims)
        if "hmac" in self.faults:
            # The public key as the secret: the classic confusion of algorithms.
            header = {"alg": "HS256", "kid": self.keys[0].kid}
            body = f"{_part(header)}.{_part(claims)}"
            secret = self.keys[0].as_pem(private=False)
            return f"{body}.{_text(hmac.digest(secret, body.encode(), 'sha256'))}"
        key = self._new_key() if "foreign key" in self.faults else self.keys[0]
        alg = "ES256" if isinstance(key, ECKey) else "RS256"
        kid = self.keys[0].kid if "stolen kid" in self.faults else key.kid
        signed = jwt.encode({"alg": alg, "kid": kid}, claims, key)
        return signed[:-6] + "AAAAAA" if "bad signature" in self.faults else signed

    def _new_key(self) -> RSAKey:
        key = RSAKey.generate_key(2048, {"use": "sig"})
        key.ensure_kid()
        return key


def _unsigned(claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def _part(value: dict[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@contextmanager
def running(server: OpenIdServer) -> Iterator[OpenIdServer]:
    """Serve the provider on a port of its own."""
    listening = make_server("127.0.0.1", 0, server.app, threaded=True)
    server.issuer = f"http://127.0.0.1:{listening.port}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
