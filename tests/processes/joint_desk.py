"""A desk at which several people and bodies sign and seal one document."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from handlers.signing.demo_authority import Holder
from service.actions.signing_keys import NewKey
from tests.handlers.signing.desk import draw_seal, draw_signature
from tests.handlers.signing.office import authority, locked, png
from tests.processes.outgoing_desk import CLERK, LEADER, SECOND_LEADER, OutgoingDesk

OFFICE = "vptu"
"""The second body: the office of the committee that leads."""

SECRETARY = {"signer": SECOND_LEADER, "signer_position": "Thư ký", "capacity": ""}
JOINT = {
    "signer": SECOND_LEADER,
    "capacity": "KT",
    "signing": {"principal": "Chánh Văn phòng"},
    "issuing_body": OFFICE,
}


@cache
def further_holders() -> dict[str, Holder]:
    """Return the keys of the second leader and the second body, made once."""
    made, holders = authority()
    found = {
        SECOND_LEADER: made.issue_person("Lê Thị Hương", "Văn phòng Tỉnh ủy (mẫu)"),
        OFFICE: made.issue_agency("Văn phòng Tỉnh ủy", "A01.01.00"),
    }
    holders.update(found)
    return found


@dataclass
class JointDesk(OutgoingDesk):
    """A desk where two leaders sign and two bodies seal."""

    def set_up(self) -> None:
        """Register the keys of everybody."""
        super().set_up()
        folder = self.resources.signing.key_dir
        assert folder
        for name in further_holders():
            (folder / f"{name}.p12").write_bytes(locked(name))
        blue, red = png(draw_signature()), png(draw_seal())
        self.register(SECOND_LEADER, NewKey("pkcs12", reference=SECOND_LEADER, image=blue))
        self.register(CLERK, NewKey("pkcs12", issuing_body=OFFICE, reference=OFFICE, image=red))

    def sign(self, login: str, decision: str = "sign", words: str = "") -> None:
        """Let whose turn it is decide on the draft; who signs consents first."""
        data: dict[str, Any] = {"decision": decision}
        if decision == "sign":
            data["consent_id"] = self.consent(login, "leader")
        self.finish("sign_draft", data | ({"words": words} if words else {}), login)

    def to_joint_seal(self) -> None:
        """Up to the seal of the second body."""
        self.to_signer(cosigners=[JOINT])
        self.sign(LEADER)
        self.sign(SECOND_LEADER)
        self.finish("check_format", {"decision": "pass"})
        self.seal()


__all__ = ["JOINT", "OFFICE", "SECRETARY", "JointDesk", "further_holders"]
