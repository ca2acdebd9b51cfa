"""One-time codes against the published vectors of RFC 6238, and what counts as right."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest

from service.domain.one_time_codes import (
    code_at,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_hash,
)

RFC_SECRET = b32encode(b"12345678901234567890").decode()
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds, eight_digits):
    assert code_at(RFC_SECRET, datetime.fromtimestamp(seconds, UTC)) == eight_digits[2:]


@pytest.mark.parametrize(
    ("seconds", "is_right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_one_step_of_drift_is_allowed_either_way(seconds, is_right):
    secret = new_secret()
    step = matching_step(secret, code_at(secret, AT + timedelta(seconds=seconds)), AT)
    assert (step is not None) is is_right


def test_the_step_of_a_code_is_told():
    assert matching_step(RFC_SECRET, "287 082", datetime.fromtimestamp(80, UTC)) == 1


@pytest.mark.parametrize("typed", ["", "12345", "ba nghìn", "2870820", "\ud800", "٢٨٧٠٨٢"])
def test_what_is_no_code_is_wrong(typed):
    assert matching_step(RFC_SECRET, typed, datetime.fromtimestamp(59, UTC)) is None


def test_secrets_differ_and_have_160_bits():
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(new_secret()) == 32


def test_recovery_codes_differ_and_are_read_however_they_are_spaced():
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert recovery_hash(codes[0]) == recovery_hash(f" {codes[0].upper().replace('-', '  ')} ")
    assert recovery_hash(codes[0]) != recovery_hash(codes[1])
