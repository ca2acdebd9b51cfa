"""Passkeys in a real browser: Chromium makes them and answers, with a virtual authenticator."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from service.app import create_app
from service.bootstrap import build
from tests.e2e.chromium import Chromium, running
from tests.factories import PASSWORD

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium on this machine")

HELPERS = """
const ask = async (method, path, body, token) => {
  const headers = {'Content-Type': 'application/json'};
  if (token) headers['Authorization'] = 'Bearer ' + token;
  const answer = await fetch('/api/v1' + path, {method, headers, body: JSON.stringify(body || {})});
  return {status: answer.status, body: await answer.json()};
};
const make = async (options) => (await navigator.credentials.create(
  {publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)})).toJSON();
const get = async (options) => (await navigator.credentials.get(
  {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})).toJSON();
"""


@pytest.fixture
def house(settings, clock, office) -> Iterator[str]:
    """The house on a port of its own; return its address."""
    listening = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://localhost:{listening.port}"
    built = build(replace(settings, public_url=url), clock)
    listening.app = create_app(built)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield url
    listening.shutdown()
    thread.join()
    listening.server_close()
    built.close()


@pytest.fixture
def browser(house: str, tmp_path: Path) -> Iterator[Chromium]:
    """A browser on a page of the house, whose device verifies its person by a finger."""
    assert PROGRAM is not None
    with running(PROGRAM, tmp_path / "profile") as started:
        started.ask("Page.setBypassCSP", enabled=True)  # the page is data, and lets nothing run of itself
        started.go_to(f"{house}/health/live")
        started.ask("WebAuthn.enable")
        add_device(started)
        yield started


def add_device(browser: Chromium, *, verifies: bool = True) -> str:
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": verifies,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    return browser.ask("WebAuthn.addVirtualAuthenticator", options=options)["authenticatorId"]


def test_a_browser_registers_a_passkey_and_signs_in_with_it(browser: Chromium) -> None:
    told: dict[str, Any] = browser.run(
        HELPERS
        + f"const person = {json.dumps({'login': 'vanthu', 'password': PASSWORD})};"
        + """
        const first = await ask('POST', '/sessions', person);
        const mine = first.body.token;
        const begun = await ask('POST', '/me/passkeys/options', {password: person.password}, mine);
        const credential = await make(begun.body.public_key);
        const made = await ask('POST', '/me/passkeys', {name: 'Máy tính', credential}, mine);
        const wanted = await ask('POST', '/sessions', person);
        const login_token = wanted.body.login_token;
        const asked = await ask('POST', '/sessions/second-factor/passkey-options', {login_token});
        const passkey = await get(asked.body.public_key);
        const second = await ask('POST', '/sessions/second-factor', {login_token, passkey});
        const options = await ask('POST', '/sessions/step-up/passkey-options', {}, second.body.token);
        const again = await get(options.body.public_key);
        const step = await ask('POST', '/sessions/step-up', {passkey: again}, second.body.token);
        const replayed = await ask('POST', '/sessions/step-up', {passkey: again}, second.body.token);
        return {first, begun, made, wanted, second, step, replayed};
        """
    )
    assert told["made"]["status"] == 201, told["made"]
    assert told["made"]["body"]["passkey"]["transports"] == ["internal"]
    assert told["wanted"]["status"] == 202
    assert told["wanted"]["body"]["methods"] == ["passkey", "recovery_code"]
    assert told["second"]["status"] == 201, told["second"]
    assert told["second"]["body"]["login"] == "vanthu"
    assert told["step"]["status"] == 200, told["step"]
    assert told["replayed"]["body"]["code"] == "second_factor.refused"


def test_the_browser_does_not_make_the_same_passkey_twice(browser: Chromium) -> None:
    name = browser.run(
        HELPERS
        + f"const person = {json.dumps({'login': 'vanthu', 'password': PASSWORD})};"
        + """
        const mine = (await ask('POST', '/sessions', person)).body.token;
        const options = async () =>
          (await ask('POST', '/me/passkeys/options', {password: person.password}, mine)).body.public_key;
        await ask('POST', '/me/passkeys', {name: 'một', credential: await make(await options())}, mine);
        try { await make(await options()); } catch (error) { return error.name; }
        return 'made';
        """
    )
    assert name == "InvalidStateError"
