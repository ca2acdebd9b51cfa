"""The door of the exchange over HTTP: who may come through it with what, and what the board shows."""

from __future__ import annotations

import pytest

from service.actions.exchange_links import give_token, keep_link
from service.domain.edxml import DocumentReference, Organ
from tests.api.callers import Caller, assert_problem
from tests.handlers.exchange.letters import LETTER, package, status_package
from tests.processes.desk import PARTNER, Desk
from tests.processes.outbound import Outbound, partner

EDXML = "application/edxml+xml"


@pytest.fixture
def desk(runtime, office, clock) -> Desk:
    """The house, with the incoming process and one partner that is connected."""
    made = Desk(runtime, office, clock)
    made.deploy_bundle()
    made.deploy_bundle("recall_outgoing")
    out = Outbound(made)
    out.add_partner(PARTNER, "Ban Tổ chức Tỉnh ủy (mẫu)")
    out.link(accepts_unsigned=True)
    return made


@pytest.fixture
def peer(app, desk: Desk) -> Caller:
    """The partner's program."""
    token = desk.do("quantri", lambda unit: give_token(unit, PARTNER))
    return Caller(app.test_client(), token)


def push(caller: Caller, content: bytes, path: str = "/api/v1/exchange/edxml"):
    return caller.ask("POST", path, data=content, content_type=EDXML)


@pytest.mark.clause("S3-18.1a")
def test_a_partners_program_hands_a_package_over_once(peer, desk):
    first = push(peer, package())
    assert first.status_code == 200
    assert first.get_json()["outcome"] == "started"
    again = push(peer, package()).get_json()
    assert (again["outcome"], again["document_id"]) == ("repeated", first.get_json()["document_id"])
    assert again["exchange_id"] == LETTER.document_id


def test_the_token_opens_that_door_and_no_other(peer, sign_in, desk):
    for path in ("/api/v1/documents", "/api/v1/tasks", "/api/v1/exchange/packets", "/api/v1/me"):
        assert peer.get(path).status_code in {401, 404}
    assert_problem(peer.post("/api/v1/exchange/packets", {"kind": "new"}), 401, "session.ended")


@pytest.mark.clause("S3-16")
def test_a_package_for_a_body_shows_for_which_and_is_counted_there(peer, sign_in, desk):
    admin, clerk = sign_in("quantri"), sign_in("vanthu")
    admin.ask("PATCH", "/api/v1/issuing-bodies/tinhuy", json={"organ_id": "A01"})
    taken = push(peer, package(receivers=(Organ("A01", "Tỉnh ủy"),))).get_json()
    document = clerk.get(f"/api/v1/documents/{taken['document_id']}").get_json()
    assert (document["addressed_organ_id"], document["addressed_name"]) == ("A01", "Tỉnh ủy Sông Hồng")
    (packet,) = clerk.get("/api/v1/exchange/packets?own_organ_id=A01").get_json()["items"]
    assert (packet["own_organ_id"], packet["document_id"]) == ("A01", taken["document_id"])
    days = "from_on=2026-01-01&to_on=2026-12-31"
    counts = [
        clerk.get(f"/api/v1/exchange/statistics?{days}{more}").get_json()["items"]
        for more in ("", "&own_organ_id=A01", "&own_organ_id=A01.01.00")
    ]
    assert [sum(one["received"] for one in items) for items in counts] == [1, 1, 0]
    packet = desk.packet() | {"to": {"organ_id": "A01"}}
    assert clerk.post("/api/v1/exchange/packets", packet).get_json()["outcome"] == "started"
    stranger = packet | {"to": {"organ_id": "A99"}}
    assert_problem(clerk.post("/api/v1/exchange/packets", stranger), 422, "packet.other_receiver")


def test_an_ended_or_locked_connection_is_nobody(peer, desk, runtime):
    desk.do("quantri", lambda unit: keep_link(unit, runtime.sealer, PARTNER, {"is_locked": True}))
    assert_problem(push(peer, package()), 401, "session.ended")
    desk.do("quantri", lambda unit: keep_link(unit, runtime.sealer, PARTNER, {"is_locked": False}))
    desk.do("quantri", lambda unit: give_token(unit, PARTNER))
    assert_problem(push(peer, package()), 401, "session.ended")


def test_what_is_wrong_with_a_package_is_told_by_the_regulations_codes(peer):
    content = b"<edXML><MessageHeader><From><OrganId>A01.02.00</OrganId></From></MessageHeader></edXML>"
    problem = assert_problem(push(peer, content), 422, "edxml.invalid")
    assert problem["errors"][0]["code"] == "N.MessageHeader.DocumentId"
    assert problem["errors"][0]["pointer"] == "/MessageHeader/DocumentId"
    assert_problem(push(peer, b"<!DOCTYPE a><edXML/>"), 422, "edxml.doctype")
    assert_problem(push(peer, b""), 422, "edxml.not_xml")


def test_a_clerk_may_bring_a_package_by_hand_and_a_specialist_may_not(sign_in, desk):
    assert push(sign_in("vanthu"), package()).get_json()["outcome"] == "started"
    assert_problem(push(sign_in("cv.tonghop1"), package()), 403, "action.forbidden")


@pytest.mark.clause("S3-13.2a")
def test_the_board_shows_each_receiver_and_clerks_act_on_it(sign_in, desk, peer):
    out = Outbound(desk)
    document_id = out.issue([partner(PARTNER, channel="folder"), {"kind": "place", "name": "Báo Tỉnh"}])
    out.dispatch()
    desk.send()
    clerk = sign_in("vanthu")
    items = clerk.get(f"/api/v1/documents/{document_id}/deliveries").get_json()["items"]
    assert [(one["receiver_name"], one["channel"], one["state"]) for one in items] == [
        ("Ban Tổ chức Tỉnh ủy (mẫu)", "folder", "failed"),
        ("Báo Tỉnh", "paper", "sent"),
    ]
    assert items[0]["fault"]["code"] == "folder.unknown"
    path = f"/api/v1/deliveries/{items[0]['id']}"
    assert_problem(sign_in("cv.tonghop1").post(f"{path}/retry", {}), 403, "action.forbidden")
    again = clerk.post(f"{path}/retry", {"channel": "http"}).get_json()
    assert (again["state"], again["channel"]) == ("pending", "http")
    assert_problem(clerk.post(f"{path}/retry", {}), 409, "delivery.state")
    assert clerk.post(f"{path}/cancel").get_json()["state"] == "cancelled"
    assert_problem(clerk.post(f"{path}/settlement", {"note": "x"}), 409, "delivery.no_recall")
    assert_problem(clerk.post(f"{path}/retry", {"channel": "pigeon"}), 422)


def test_another_agencys_board_does_not_exist(sign_in_elsewhere, desk):
    out = Outbound(desk)
    document_id = out.issue()
    out.dispatch("paper_only")
    clerk = sign_in_elsewhere("dongson.vanthu")
    assert_problem(clerk.get(f"/api/v1/documents/{document_id}/deliveries"), 404, "document.not_found")
    delivery = out.board()[0].id
    assert_problem(clerk.post(f"/api/v1/deliveries/{delivery}/cancel"), 404, "delivery.not_found")


@pytest.mark.clause("S3-14.2a")
def test_the_log_shows_what_passed_and_what_found_no_document(sign_in, peer):
    push(peer, package())
    push(peer, status_package(about=_unknown()))
    clerk = sign_in("vanthu")
    items = clerk.get("/api/v1/exchange/packets").get_json()["items"]
    assert [(one["kind"], one["outcome"]) for one in items] == [("status", "unknown"), ("edoc", "taken")]
    (lost,) = clerk.get("/api/v1/exchange/packets?outcome=unknown").get_json()["items"]
    assert lost["document_code"] == "99-CV/VPTU"
    page = clerk.get("/api/v1/exchange/packets?limit=1").get_json()
    rest = clerk.get(f"/api/v1/exchange/packets?limit=1&cursor={page['next_cursor']}").get_json()
    assert [one["kind"] for one in rest["items"]] == ["edoc"]
    (count,) = clerk.get("/api/v1/exchange/statistics?from_on=2026-03-01&to_on=2026-03-31").get_json()[
        "items"
    ]
    assert (count["organ_id"], count["received"], count["month"]) == (PARTNER, 1, "2026-03-01")
    assert_problem(sign_in("cv.tonghop1").get("/api/v1/exchange/packets"), 403, "action.forbidden")


def _unknown():
    return DocumentReference("A01.01.00", "99-CV/VPTU", None, "nowhere")


def test_connections_are_the_administrators_and_secrets_are_never_told(sign_in, desk):
    admin, clerk = sign_in("quantri"), sign_in("vanthu")
    path = f"/api/v1/exchange/links/{PARTNER}"
    change = {"channel": "http", "outbound_token": "s3cret", "accepts_unsigned": False}
    assert_problem(clerk.ask("PUT", path, json=change), 403, "action.forbidden")
    kept = admin.ask("PUT", path, json=change).get_json()
    assert (kept["channel"], kept["has_outbound_token"], kept["has_inbound_token"]) == ("http", True, False)
    assert kept["attachment_encoding"] == "base64"
    zipping = admin.ask("PUT", path, json={"attachment_encoding": "zip"}).get_json()
    assert (zipping["attachment_encoding"], zipping["channel"]) == ("zip", "http")
    odd = admin.ask("PUT", path, json={"attachment_encoding": "rar"})
    assert_problem(odd, 422, "request.invalid")
    given = admin.post(f"{path}/token")
    assert given.status_code == 201
    assert given.get_json()["token"].startswith("cvp_")
    seen = clerk.get(path)
    assert seen.get_json()["has_inbound_token"]
    assert "s3cret" not in seen.get_data(as_text=True)
    assert_problem(admin.get("/api/v1/exchange/links/X1"), 404, "partner.not_found")
    assert_problem(admin.ask("PUT", path, json={"channel": "pigeon"}), 422)


def test_the_account_on_the_axis_is_kept_and_ended(sign_in, desk):
    admin = sign_in("quantri")
    body = {"endpoint": "https://truc.example.vn", "system_id": "vptu", "token": "t0ken"}
    assert admin.get("/api/v1/exchange/axis").get_json() == {"account": None}
    assert admin.ask("PUT", "/api/v1/exchange/axis", json=body).status_code == 204
    shown = admin.get("/api/v1/exchange/axis")
    assert shown.get_json()["account"]["endpoint"] == "https://truc.example.vn"
    assert "t0ken" not in shown.get_data(as_text=True)
    assert_problem(
        admin.ask("PUT", "/api/v1/exchange/axis", json=body | {"endpoint": "ftp://x"}),
        422,
        "endpoint.invalid",
    )
    assert admin.ask("DELETE", "/api/v1/exchange/axis").status_code == 204
    assert admin.get("/api/v1/exchange/axis").get_json() == {"account": None}


def test_a_recall_is_asked_for_over_http(sign_in, desk):
    out = Outbound(desk)
    document_id = out.issue()
    path = f"/api/v1/documents/{document_id}/recall-requests"
    assert_problem(sign_in("quantri").post(path, {"reason": "x"}), 403, "action.forbidden")
    assert_problem(sign_in("vanthu").post(path, {"reason": ""}), 422)
    out.issue(status="draft")
    later = f"/api/v1/documents/{out.document_id}/recall-requests"
    assert_problem(sign_in("vanthu").post(later, {"reason": "x"}), 409, "document.not_issued")
