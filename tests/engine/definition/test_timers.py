"""Literal timers are ISO 8601, with an offset, of some length, and of the kind their element takes."""

import pytest

from service.engine.definition.timers import complaint_about
from service.engine.spiff import durations

ENGINE = {
    "timeDate": durations.parse_instant,
    "timeDuration": durations.parse_duration,
    "timeCycle": durations.parse_cycle,
}

GOOD = [
    ("timeDuration", "PT24H"),
    ("timeDuration", "P1Y2M3DT4H5M6.5S"),
    ("timeDuration", "P2W"),
    ("timeDate", "2026-03-05T17:00:00+07:00"),
    ("timeDate", "2026-03-05T17:00Z"),
    ("timeDate", "2026-03-05"),
    ("timeDate", "2026-03-05T17:00:00"),
    ("timeCycle", "R3/PT1H"),
    ("timeCycle", "R/P1D"),
    ("timeCycle", "R/2026-03-05T09:00:00+07:00/P7D"),
]
BAD = [
    ("timeDuration", "24 hours", "shape"),
    ("timeDuration", "P", "shape"),
    ("timeDuration", "PT", "shape"),
    ("timeDuration", "P1DT", "shape"),
    ("timeDuration", "P1H", "shape"),
    ("timeDuration", "PT0S", "zero"),
    ("timeDuration", "-PT5M", "negative"),
    ("timeDuration", "R3/PT1H", "kind"),
    ("timeDate", "PT1H", "kind"),
    ("timeDate", "05/03/2026", "shape"),
    ("timeDate", "2026-02-30", "shape"),
    ("timeDate", "2026-02-30T00:00:00Z", "shape"),
    ("timeDate", "2026-03-05T25:00:00Z", "shape"),
    ("timeCycle", "R0/PT1H", "zero"),
    ("timeCycle", "R3/PT0H", "zero"),
    ("timeCycle", "R3/2026-13-05T09:00:00/P7D", "shape"),
    ("timeCycle", "R99999999/PT1H", "size"),
    ("timeDuration", "P99999999D", "size"),
    ("timeCycle", "0 0 9 ? * MON-FRI", "shape"),
    ("timeCycle", "PT1H", "kind"),
]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_a_good_timer_passes(kind, text):
    assert complaint_about(kind, text) is None


@pytest.mark.parametrize(("kind", "text", "complaint"), BAD)
def test_a_bad_timer_is_told_why(kind, text, complaint):
    assert complaint_about(kind, text) == complaint


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_the_engine_reads_every_timer_that_passes(kind, text):
    assert ENGINE[kind](text) is not None
