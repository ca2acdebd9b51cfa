"""Where signatures stand and what stays open after them."""

from __future__ import annotations

from typing import Any

import pytest

from service.domain.errors import InvalidInput
from service.domain.signatures import POINTS_PER_MM, Box, SignatureLayout, SlotKind, corner_box, seal_box
from tests.handlers.signing.desk import LAYOUT


def test_a_layout_survives_being_kept_as_json() -> None:
    assert SignatureLayout.from_json(LAYOUT.to_json()) == LAYOUT


@pytest.mark.parametrize(
    ("name", "open_names"),
    [
        ("initials_1", {"leader", "number", "day", "month", "seal", "copy"}),
        ("leader", {"number", "day", "month", "seal", "copy"}),
        ("seal", {"copy"}),
        ("copy", set()),
    ],
)
def test_each_signature_leaves_open_only_what_must_follow(name: str, open_names: set[str]) -> None:
    slot = next(one for one in LAYOUT.slots if one.name == name)

    assert set(LAYOUT.open_after(slot)) == open_names


def test_the_seal_has_its_real_size_and_covers_a_third_of_the_signature_from_its_left() -> None:
    leader = Box(300, 100, 450, 160)

    seal = seal_box(leader)

    assert [seal.width, seal.height] == pytest.approx([36 * POINTS_PER_MM] * 2)
    assert seal.right - leader.left == pytest.approx(leader.width / 3)
    assert seal.left < leader.left
    assert (seal.bottom + seal.top) / 2 == pytest.approx(130)


def test_the_corner_lies_inside_an_a4_page() -> None:
    assert Box(0, 0, 595, 842).holds(corner_box(595, 842))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "Số"}, "/slots/1/name"),
        ({"name": "seal_2"}, "/slots/1/name"),
        ({"name": None}, "/slots/1/name"),
        ({"kind": "stamp"}, "/slots/1/kind"),
        ({"box": [1, 2, 3]}, "/slots/1/box"),
        ({"box": [10, 10, 5, 20]}, "/slots/1/box"),
        ({"box": [1, 2, float("nan"), 4]}, "/slots/1/box"),
        ({"page": "1"}, "/slots/1/page"),
        ({"font_size": 900}, "/slots/1/font_size"),
        ({"name": "initials_1", "kind": "initials"}, "/slots"),
    ],
)
def test_a_wrong_slot_is_pointed_at(change: dict[str, Any], pointer: str) -> None:
    data = LAYOUT.to_json()
    data["slots"][1] |= change

    with pytest.raises(InvalidInput) as caught:
        SignatureLayout.from_json(data)

    assert [one.pointer for one in caught.value.findings] == [pointer]


@pytest.mark.parametrize("slots", [None, [], ["x"], [{}] * 41])
def test_a_layout_without_usable_slots_is_refused(slots: Any) -> None:
    with pytest.raises(InvalidInput):
        SignatureLayout.from_json({"slots": slots})


def test_kinds_are_told_by_the_names_of_fields() -> None:
    assert SlotKind.LEADER.owns("leader_2")
    assert not SlotKind.LEADER.owns("leaders")
    assert not SlotKind.TEXT.owns("number")
