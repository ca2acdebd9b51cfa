"""Where tokens can go: reachability, dominators and link jumps inside one container."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from service.engine.definition.model import Container, Node


class Paths:
    """The control flow of one container as a graph of nodes.

    Besides sequence flows, a token goes from an activity to its boundary events and from a link throw to the
    link catch of the same name. Event sub-processes and compensation handlers are entered from outside.
    """

    def __init__(self, container: Container) -> None:
        self.nodes: tuple[Node, ...] = tuple(container.nodes)
        self._members = {id(node) for node in self.nodes}
        self._link_targets = {
            name: node
            for node in self.nodes
            if node.tag == "intermediateCatchEvent"
            for name in link_names(node)
        }

    @cached_property
    def successors(self) -> Mapping[Node, tuple[Node, ...]]:
        """Where a token may go next, for each node."""
        return {node: tuple(self._next(node)) for node in self.nodes}

    @cached_property
    def predecessors(self) -> Mapping[Node, tuple[Node, ...]]:
        """Where a token may come from, for each node."""
        found: dict[Node, list[Node]] = {node: [] for node in self.nodes}
        for node, targets in self.successors.items():
            for target in targets:
                found[target].append(node)
        return {node: tuple(sources) for node, sources in found.items()}

    def _next(self, node: Node) -> Iterable[Node]:
        for flow in node.outgoing:
            if flow.target is not None and id(flow.target) in self._members:
                yield flow.target
        yield from (event for event in node.boundary if id(event) in self._members)
        if node.tag == "intermediateThrowEvent":
            yield from (self._link_targets[name] for name in link_names(node) if name in self._link_targets)

    @cached_property
    def entries(self) -> tuple[Node, ...]:
        """The nodes where tokens enter: start events; without any, every node that nothing leads to."""
        starts = tuple(node for node in self.nodes if node.tag == "startEvent")
        return starts or tuple(node for node in self.nodes if not self.predecessors[node])

    def reached_from(self, origins: Iterable[Node]) -> set[Node]:
        """Return all nodes that a token starting at ``origins`` may visit, themselves included."""
        return _closure(origins, self.successors.__getitem__)

    def leading_to(self, targets: Iterable[Node]) -> set[Node]:
        """Return all nodes from which a token may arrive at ``targets``, themselves included."""
        return _closure(targets, self.predecessors.__getitem__)

    @cached_property
    def dominators(self) -> Mapping[Node, Node | None]:
        """The immediate dominator of each node that is reached; None is the virtual root before the entries.

        Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm".
        """
        order = self._reverse_postorder()
        rank = {node: position for position, node in enumerate(order)}
        found: dict[Node, Node | None] = dict.fromkeys(self.entries)
        changed = True
        while changed:
            changed = False
            for node in order:
                if node in self.entries:
                    continue
                sources = [source for source in self.predecessors[node] if source in found]
                new = sources[0] if sources else None
                for source in sources[1:]:
                    new = _meet(new, source, found, rank)
                if sources and (node not in found or found[node] is not new):
                    found[node] = new
                    changed = True
        return found

    def common_dominator(self, one: Node, other: Node) -> Node | None:
        """Return the last node that every token passes on its way to either node; None if there is none."""
        above: Node | None = one
        seen = set()
        while above is not None:
            seen.add(above)
            above = self.dominators.get(above)
        below: Node | None = other
        while below is not None and below not in seen:
            below = self.dominators.get(below)
        return below

    def dominates(self, one: Node, other: Node) -> bool:
        """Say whether every token passes ``one`` before ``other``."""
        step: Node | None = other
        while step is not None and step is not one:
            step = self.dominators.get(step)
        return step is one

    def _reverse_postorder(self) -> list[Node]:
        order: list[Node] = []
        seen: set[Node] = set()
        for entry in self.entries:
            stack = [(entry, iter(self.successors[entry]))] if entry not in seen else []
            seen.add(entry)
            while stack:
                node, targets = stack[-1]
                target = next((one for one in targets if one not in seen), None)
                if target is None:
                    order.append(node)
                    stack.pop()
                else:
                    seen.add(target)
                    stack.append((target, iter(self.successors[target])))
        return order[::-1]


def link_names(node: Node) -> tuple[str, ...]:
    """Return the names of a node's link definitions."""
    return tuple(
        str(definition.get("name") or "").strip()
        for definition, trigger in zip(node.definitions, node.triggers, strict=True)
        if trigger == "link"
    )


def _closure(origins: Iterable[Node], following: Callable[[Node], Iterable[Node]]) -> set[Node]:
    found: set[Node] = set()
    waiting = list(origins)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(following(node))
    return found


def _meet(
    one: Node | None, other: Node | None, dominators: Mapping[Node, Node | None], rank: Mapping[Node, int]
) -> Node | None:
    """Return the nearest dominator that two nodes share; the virtual root stands before rank 0."""
    while one is not other:
        if one is None or other is None:
            return None
        if rank[one] > rank[other]:
            one = dominators[one]
        else:
            other = dominators[other]
    return one
