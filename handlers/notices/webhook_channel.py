"""The way of notices to another program of the office: one POST each, to the address in the settings.

It tells that there is a notice, for whom and about which object, not what it says: the program asks the API
with rights of its own. With a secret the body is signed: ``X-Congvan-Signature: sha256=<HMAC>``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from handlers.delivery.peers import PeerRules, judge, post
from service.config import WebhookSettings
from service.storage.unit_of_work import UnitOfWork


class WebhookChannel:
    """Posts to the registered address.

    Args:
        rules: how far a call may go.
        settings: address and secret.
    """

    def __init__(self, rules: PeerRules, settings: WebhookSettings) -> None:
        self._rules = rules
        self._settings = settings

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        """Post one message.

        Raises:
            RetryLater: the program does not answer now.
            CongVanError: it will never take this.
        """
        del destination
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {"Idempotency-Key": dedupe_key}
        if self._settings.secret:
            digest = hmac.new(self._settings.secret.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Congvan-Signature"] = f"sha256={digest}"
        judge(post(self._rules, self._settings.address, body, headers), unit.now)
