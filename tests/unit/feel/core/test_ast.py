"""Nodes are immutable records that compare by what they mean, not by where they stand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.feel import ast


def test_nodes_that_differ_in_their_place_alone_are_equal():
    assert ast.Name(3, "a") == ast.Name(0, "a")
    assert len({ast.Name(3, "a"), ast.Name(0, "a"), ast.Name(0, "b")}) == 2


def test_nodes_of_different_kinds_are_never_equal():
    assert ast.Conjunction(0, (ast.Null(0),)) != ast.Disjunction(0, (ast.Null(0),))
    assert ast.Null(0) != ast.ListLiteral(0, ())


def test_a_node_cannot_be_changed():
    node = ast.Number(0, Decimal(1))
    with pytest.raises(AttributeError):
        node.value = Decimal(2)
    with pytest.raises(AttributeError):
        del node.value
    assert node.value == 1


@pytest.mark.parametrize("arguments", [(), (0,), (0, "a", "b")])
def test_a_node_takes_exactly_its_parts(arguments):
    with pytest.raises(TypeError):
        ast.Name(*arguments)


def test_a_node_shows_its_parts():
    assert repr(ast.Path(2, ast.Name(0, "a"), "b")) == "Path(at=2, base=Name(at=0, name='a'), name='b')"
