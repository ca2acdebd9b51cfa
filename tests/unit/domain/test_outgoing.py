"""The statuses of what goes out follow each other in order; a capacity is for certain roles."""

from __future__ import annotations

import itertools

import pytest

from service.domain import delivery
from service.domain.errors import Conflict
from service.domain.outgoing import (
    EDITABLE,
    STATUS_NAMES,
    TRANSITIONS,
    check_transition,
    may_sign,
    status_names,
)

ROAD = [
    "draft",
    "consulting",
    "unit_review",
    "awaiting_signature",
    "signed",
    "format_check",
    "numbered",
    "issued",
    "completed",
]


def test_a_document_goes_its_road_from_draft_to_completion():
    for current, following in itertools.pairwise(ROAD):
        check_transition(current, following)
        check_transition(current, current)


@pytest.mark.parametrize(
    ("current", "following"),
    [
        ("draft", "numbered"),
        ("draft", "issued"),
        ("numbered", "draft"),
        ("issued", "draft"),
        ("cancelled", "draft"),
    ],
)
def test_a_step_that_would_skip_signature_or_number_or_turn_back_is_refused(current, following):
    with pytest.raises(Conflict) as caught:
        check_transition(current, following)
    assert STATUS_NAMES[following][0] in caught.value.vi


def test_what_is_numbered_or_later_cannot_be_edited():
    assert not EDITABLE & {"numbered", "issued", "completed", "recalled", "replaced", "cancelled"}
    assert TRANSITIONS.keys() >= EDITABLE


def test_names_of_statuses_are_those_of_the_direction():
    assert status_names("outgoing") is STATUS_NAMES
    assert status_names("incoming") is delivery.STATUS_NAMES


@pytest.mark.parametrize(
    ("capacity", "roles", "is_allowed"),
    [
        ("TM", {"leader"}, True),
        ("TM", {"head_of_office"}, False),
        ("TL", {"head_of_office"}, True),
        ("", {"unit_head"}, True),
        ("", {"specialist", "clerk", "admin"}, False),
        ("XX", {"leader"}, False),
    ],
)
def test_who_may_sign_depends_on_the_capacity(capacity, roles, is_allowed):
    assert may_sign(capacity, roles) is is_allowed
