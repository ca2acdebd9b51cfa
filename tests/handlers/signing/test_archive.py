"""Proof in signed files is raised, renewed in time, and judged by lists from the deployment's own addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_crl

from handlers.signing.demo_authority import DEMO_LIST, DemoAuthority
from handlers.signing.raise_task import ARCHIVE, BEFORE_END, lowest_level
from handlers.signing.revocation_lists import refresh_lists
from service.domain.signing_places import SigningPlaces
from service.worker import rounds
from tests.handlers.signing.desk import running_service
from tests.handlers.signing.office import CLERK, SigningOffice, authority, judge
from tests.handlers.signing.test_signing_elsewhere import stamping
from tests.harness import OPENING


def save_trust(house: SigningOffice) -> Path:
    trust = house.resources.signing.trust_dir
    assert trust is not None
    authority()[0].save_trust(trust, house.clock.now())
    return trust


def finish(house: SigningOffice) -> None:
    house.approved()
    house.hand_in("seal", CLERK, house.consent(CLERK, "seal").id)
    house.run_jobs()


def archive(house: SigningOffice) -> Any:
    (row,) = house.rows(ARCHIVE)
    return row


def test_the_archive_time_stamp_is_renewed_before_its_certificate_ends(
    signing_office: SigningOffice, tmp_path: Path
) -> None:
    house = signing_office
    with running_service(stamping(house)) as address:
        house.with_signing(timestamp_url=address)
        finish(house)
    first = archive(house)
    ends_at = authority()[1]["tsa"].certificate.not_valid_after_utc
    assert (first.level, first.renew_at) == ("B-LTA", ends_at - BEFORE_END)
    assert rounds.renew_signatures(house.runtime) == 0
    house.clock.set(first.renew_at)
    trust = save_trust(house)
    with running_service(stamping(house)) as address:
        house.with_signing(timestamp_url=address)
        assert rounds.renew_signatures(house.runtime) == 1
    assert archive(house).file_id != first.file_id
    report = judge(house.content(), tmp_path, trust, house.clock.now())
    assert (report["verdict"], len(report["timestamps"])) == ("valid", 2)


def test_what_cannot_be_proved_today_is_tried_again_tomorrow(signing_office: SigningOffice) -> None:
    house = signing_office
    trust = house.resources.signing.trust_dir
    assert trust is not None
    for path in (trust / "crls").iterdir():
        path.unlink()
    finish(house)
    assert house.state(house.instance_id) == "completed"
    assert house.variables(house.instance_id)["raised"] == {"level": "B-B"}
    assert (archive(house).fault, archive(house).renew_at - OPENING) == (
        "signature.not_provable",
        timedelta(days=1),
    )
    house.advance(days=1)
    save_trust(house)
    assert rounds.renew_signatures(house.runtime) == 1
    assert (archive(house).level, archive(house).fault) == ("B-LT", None)
    assert {one.level for one in house.signatures()} == {"B-LT"}


def test_the_lowest_level_is_that_which_proves_least() -> None:
    assert lowest_level(["B-LTA", "B-T", "B-LT"]) == "B-T"
    assert lowest_level(["B-LT", "B-LTA"]) == "B-LT"
    assert lowest_level([]) == "B-B"


def test_without_a_service_a_file_with_proof_is_left_as_it_is(signing_office: SigningOffice) -> None:
    house = signing_office
    finish(house)
    before = house.main_file().version
    house.advance(days=31)
    assert rounds.renew_signatures(house.runtime) == 0
    assert house.main_file().version == before
    assert archive(house).renew_at > house.clock.now()


def test_a_service_that_is_down_is_asked_again_tomorrow(signing_office: SigningOffice) -> None:
    house = signing_office
    finish(house)
    house.advance(days=31)
    save_trust(house)
    with running_service(lambda _: (500, "text/plain", b"no")) as address:
        house.with_signing(timestamp_url=address)
        assert rounds.renew_signatures(house.runtime) == 0
    assert archive(house).renew_at == house.clock.now() + timedelta(days=1)


@contextmanager
def serving(answer: Callable[[], tuple[int, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/list.crl"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    """A trust folder whose lists have run out."""
    authority()[0].save_trust(tmp_path / "trust", OPENING - timedelta(days=60))
    return tmp_path / "trust"


def refresh(trust: Path, content: bytes, status: int = 200, at: Any = OPENING) -> int:
    with serving(lambda: (status, content)) as url:
        return refresh_lists(SigningPlaces(trust_dir=trust, revocation_urls=(url,)), at)


def issued(at: Any = OPENING) -> bytes:
    return authority()[0].revocation_lists(at)[DEMO_LIST]


def test_a_list_of_an_authority_of_the_trust_folder_is_taken(trust: Path) -> None:
    assert refresh(trust, issued()) == 1
    found = [load_der_x509_crl(path.read_bytes()) for path in (trust / "crls").glob("*.crl")]
    assert OPENING in {one.last_update_utc for one in found}


@pytest.mark.parametrize(
    "content",
    [
        lambda: b"<html>log in first</html>",
        lambda: issued(OPENING - timedelta(days=60)),
        lambda: issued(OPENING + timedelta(days=1)),
        lambda: DemoAuthority.create(OPENING).revocation_lists(OPENING)[DEMO_LIST],
    ],
    ids=["no list", "ended", "of tomorrow", "of a stranger with the same name"],
)
def test_a_list_that_is_not_to_be_believed_leaves_what_is_there(
    trust: Path, content: Callable[[], bytes]
) -> None:
    before = {path.name: path.read_bytes() for path in (trust / "crls").iterdir()}
    assert refresh(trust, content()) == 0
    assert {path.name: path.read_bytes() for path in (trust / "crls").iterdir()} == before


def test_a_server_that_does_not_answer_leaves_what_is_there(trust: Path) -> None:
    assert refresh(trust, b"no", status=500) == 0
    places = SigningPlaces(trust_dir=trust, revocation_urls=("http://127.0.0.1:9/list.crl",))
    assert refresh_lists(places, OPENING) == 0


def test_an_older_list_does_not_replace_a_newer_one(trust: Path) -> None:
    now = OPENING + timedelta(days=2)
    with serving(lambda: (200, answers.pop())) as url:
        places = SigningPlaces(trust_dir=trust, revocation_urls=(url,))
        answers = [issued(OPENING), issued(OPENING + timedelta(days=1))]
        assert refresh_lists(places, now) == 1
        assert refresh_lists(places, now) == 0


def test_the_demonstrations_lists_are_written_anew_before_they_end(tmp_path: Path) -> None:
    made = authority()[0]
    keys, trust = tmp_path / "keys", tmp_path / "trust"
    keys.mkdir()
    (keys / "keys.passphrase").write_text("x")
    made.save(keys / "authority", "x", OPENING)
    made.save_trust(trust, OPENING)
    places = SigningPlaces(key_dir=keys, trust_dir=trust)
    assert refresh_lists(places, OPENING + timedelta(days=1)) == 0
    later = OPENING + timedelta(days=25)
    assert refresh_lists(places, later) == 1
    assert load_der_x509_crl((trust / "crls" / DEMO_LIST).read_bytes()).last_update_utc == later
