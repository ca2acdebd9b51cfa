"""Models damaged at random never raise anything but our errors, neither when loaded nor when asked."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lxml import etree

from service.domain.errors import CongVanError
from service.feel import Limits
from service.feel.dmn import load_models
from service.feel.runtime import Runtime

FILES = sorted((Path(__file__).parent / "cases").glob("*/*.dmn"))
TEXTS = ["", "-", "null", "(", '"', "x", "for i in 1..9 return partial", "function(a) a(a)", "< 3", "[1..3]"]
WORDS = ["", "x", "number", "#x", "true", "COLLECT", "tNothing", "a b"]
VALUES = [1, "a", None, [1], {"a": 1}, True]
RUNTIME = Runtime(limits=Limits(steps=20_000))


def damaged(content: bytes, chance: random.Random) -> bytes:
    root = etree.fromstring(content)
    elements = list(root.iter())
    for _ in range(chance.randint(1, 4)):
        element = chance.choice(elements)
        parent = element.getparent()
        match chance.randint(0, 4):
            case 0 if parent is not None:
                parent.remove(element)
            case 1 if element.attrib:
                element.set(chance.choice(sorted(element.attrib)), chance.choice(WORDS))
            case 2:
                element.tag = chance.choice(elements).tag
            case 3 if parent is not None:
                parent.append(etree.fromstring(etree.tostring(chance.choice(elements))))
            case _:
                element.text = chance.choice(TEXTS)
    return etree.tostring(root)


def use(content: bytes, chance: random.Random) -> None:
    try:
        models = load_models({"a.dmn": content}, lenient=True)
    except CongVanError:
        return
    for info in models.decisions():
        try:
            result = models.decide(info.id, {i.name: chance.choice(VALUES) for i in info.inputs}, RUNTIME)
        except CongVanError:
            continue
        assert result.explanation["steps"]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_damaged_model_ends_in_an_answer_or_our_error(file: Path) -> None:
    chance = random.Random(file.stem)
    for _ in range(40):
        use(damaged(file.read_bytes(), chance), chance)
