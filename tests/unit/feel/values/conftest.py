"""What the tests of values share: a place for reasons, and values of every kind."""

from __future__ import annotations

import pytest


class Reasons(list):
    """The codes of the reasons that were reported; call it to report one."""

    def __call__(self, code: str, vi: str, en: str) -> None:
        assert code.startswith("feel.")
        assert vi
        assert en
        self.append(code)


@pytest.fixture
def reasons() -> Reasons:
    return Reasons()
