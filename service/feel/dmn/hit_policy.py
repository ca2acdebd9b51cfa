"""Hit policies: how the rules that match become the one result of a table (DMN 1.5 §8.2.8).

One function per policy. Each is given the hits in the order of the rules and asks for the outputs of those
only that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from service.feel.dmn.model import Aggregation, HitPolicy
from service.feel.values.operations import equal

OutputOf: TypeAlias = Callable[[int], Any]
"""Gives the output of the rule at an index: one value, or a context for a table with several outputs."""

RankOf: TypeAlias = Callable[[Any], tuple[int, ...]]
"""Gives the place of an output among the allowed values, column by column; less is more important."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a policy made of the hits.

    Attributes:
        value: the table's result.
        taken: indexes of the rules whose outputs are in ``value``.
        conflict: reason in Vietnamese and English why there is no result although rules match.
    """

    value: Any
    taken: tuple[int, ...]
    conflict: tuple[str, str] | None = None


def choose(policy: HitPolicy, hits: Sequence[int], output_of: OutputOf, rank_of: RankOf) -> Choice:
    """Return the result of a table without aggregation; ``hits`` are indexes of rules, at least one."""
    return _POLICIES[policy](hits, output_of, rank_of)


def _unique(hits: Sequence[int], output_of: OutputOf, _: RankOf) -> Choice:
    if len(hits) == 1:
        return Choice(output_of(hits[0]), (hits[0],))
    numbers = _numbers(hits)
    return Choice(
        None,
        (),
        (
            f"Các quy tắc {numbers} cùng khớp, trong khi bảng kiểu U chỉ cho một quy tắc khớp.",
            f"Rules {numbers} match at once, but hit policy U allows one only.",
        ),
    )


def _any(hits: Sequence[int], output_of: OutputOf, _: RankOf) -> Choice:
    first = output_of(hits[0])
    for other in hits[1:]:
        if equal(first, output_of(other), _ignore) is not True:
            numbers = _numbers([hits[0], other])
            return Choice(
                None,
                (),
                (
                    f"Các quy tắc {numbers} cùng khớp nhưng cho kết quả khác nhau (bảng kiểu A).",
                    f"Rules {numbers} match with different outputs, which hit policy A forbids.",
                ),
            )
    return Choice(first, tuple(hits))


def _first(hits: Sequence[int], output_of: OutputOf, _: RankOf) -> Choice:
    return Choice(output_of(hits[0]), (hits[0],))


def _priority(hits: Sequence[int], output_of: OutputOf, rank_of: RankOf) -> Choice:
    index, value = min(((hit, output_of(hit)) for hit in hits), key=lambda pair: rank_of(pair[1]))
    return Choice(value, (index,))


def _output_order(hits: Sequence[int], output_of: OutputOf, rank_of: RankOf) -> Choice:
    pairs = sorted(((hit, output_of(hit)) for hit in hits), key=lambda pair: rank_of(pair[1]))
    return Choice([value for _, value in pairs], tuple(hit for hit, _ in pairs))


def _rule_order(hits: Sequence[int], output_of: OutputOf, _: RankOf) -> Choice:
    return Choice([output_of(hit) for hit in hits], tuple(hits))


_POLICIES: Final[Mapping[HitPolicy, Callable[[Sequence[int], OutputOf, RankOf], Choice]]] = {
    HitPolicy.UNIQUE: _unique,
    HitPolicy.ANY: _any,
    HitPolicy.FIRST: _first,
    HitPolicy.PRIORITY: _priority,
    HitPolicy.OUTPUT_ORDER: _output_order,
    HitPolicy.RULE_ORDER: _rule_order,
    HitPolicy.COLLECT: _rule_order,
}


def _ignore(code: str, vi: str, en: str) -> None:
    """Take the reason of a null comparison: outputs that cannot be compared differ."""


def _numbers(hits: Sequence[int]) -> str:
    return ", ".join(str(hit + 1) for hit in hits)


def nothing_matched(policy: HitPolicy, aggregation: Aggregation | None) -> Any:
    """Return the result of a table without default outputs when no rule matches.

    Null where the result is one value, the empty list where it is a list, zero for a count.
    """
    if policy is HitPolicy.COLLECT and aggregation is not None:
        return Decimal(0) if aggregation is Aggregation.COUNT else None
    is_list = policy in {HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER}
    return [] if is_list else None
