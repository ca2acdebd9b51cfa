"""Random block-structured models: each block writes its own BPMN and is understood by the reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from tests.engine.spiff import bpmn


@dataclass
class Block:
    id: str


@dataclass
class Task(Block):
    pass


@dataclass
class Catch(Block):
    kind: str  # message or timer


@dataclass
class Sequence(Block):
    parts: list[Block]


@dataclass
class Choice(Block):
    """An exclusive gateway; the last branch is the default one; None is an empty branch."""

    variables: list[str]
    branches: list[Block | None]


@dataclass
class Fork(Block):
    branches: list[Block]


@dataclass
class Inclusive(Block):
    """The last branch is the default one."""

    variables: list[str]
    branches: list[Block | None]


@dataclass
class Loop(Block):
    body: Block
    variable: str


@dataclass
class Many(Block):
    """A multi-instance task or sub-process."""

    body: Task | Sub
    count: int
    sequential: bool
    enough: int


@dataclass
class Sub(Block):
    body: Block


@dataclass
class Attached:
    id: str
    kind: str  # message, timer or error
    interrupting: bool
    handler: Block


@dataclass
class Bound(Block):
    """An activity with attached events."""

    body: Task | Sub | Many
    events: list[Attached]


@dataclass
class Race(Block):
    """An event-based gateway."""

    events: list[Catch]
    branches: list[Block | None]


@dataclass
class Fail(Block):
    """Throws an error if the variable is true; stands only inside a sub-process that has an error boundary."""

    variable: str


@dataclass
class Writer:
    """Collects the XML of one process or sub-process."""

    parts: list[str] = field(default_factory=list)

    def add(self, xml: str) -> None:
        self.parts.append(xml)

    def flow(self, source: str, target: str, condition: str = "") -> None:
        self.parts.append(bpmn.flow(source, target, condition))


def write_model(block: Block) -> bytes:
    writer = Writer()
    _write_inside(block, writer, "root")
    return bpmn.model(*writer.parts, messages="m", errors="x")


def _write_inside(block: Block, writer: Writer, name: str) -> None:
    writer.add(bpmn.start(f"s_{name}"))
    writer.add(bpmn.end(f"e_{name}"))
    entry, leave = write(block, writer)
    writer.flow(f"s_{name}", entry)
    writer.flow(leave, f"e_{name}")


def write(block: Block, writer: Writer, loop: str = "") -> tuple[str, str]:
    """Write a block; return the ids of its first and last element."""
    match block:
        case Task(id=name):
            writer.add(bpmn.user(name, loop))
            return name, name
        case Catch(id=name, kind=kind):
            writer.add(bpmn.catch(name, _event(kind)))
            return name, name
        case Sub(id=name, body=body):
            inner = Writer()
            _write_inside(body, inner, name)
            writer.add(bpmn.sub(name, *inner.parts, loop))
            return name, name
        case Many(body=body, count=count, sequential=sequential, enough=enough):
            until = f"numberOfCompletedInstances >= {enough}" if enough else ""
            return write(body, writer, bpmn.many(sequential, cardinality=str(count), until=until))
        case Sequence(parts=parts):
            ends = [write(part, writer) for part in parts]
            for (_, leave), (entry, _) in pairwise(ends):
                writer.flow(leave, entry)
            return ends[0][0], ends[-1][1]
    return _write_structure(block, writer)


def _write_structure(block: Block, writer: Writer) -> tuple[str, str]:
    name = block.id
    split, join = f"{name}_split", f"{name}_join"
    match block:
        case Fork(branches=branches):
            writer.add(bpmn.parallel(split) + bpmn.parallel(join))
            _write_branches(writer, split, join, [""] * len(branches), branches)
        case (
            Choice(variables=variables, branches=branches) | Inclusive(variables=variables, branches=branches)
        ):
            kind = bpmn.exclusive if isinstance(block, Choice) else bpmn.inclusive
            first = branches[-1]
            target = join if first is None else entry_of(first)
            writer.add(kind(split, default=f"{split}_{target}") + kind(join))
            _write_branches(writer, split, join, [*variables, ""], branches)
        case Loop(body=body, variable=variable):
            writer.add(
                bpmn.exclusive(split)
                + bpmn.exclusive(join, default=f"{join}_{name}_after")
                + bpmn.exclusive(f"{name}_after")
            )
            entry, leave = write(body, writer)
            writer.flow(split, entry)
            writer.flow(leave, join)
            writer.flow(join, split, variable)
            writer.flow(join, f"{name}_after")
            return split, f"{name}_after"
        case Race(events=events, branches=branches):
            writer.add(bpmn.events(split) + bpmn.exclusive(join))
            for event, branch in zip(events, branches, strict=True):
                write(event, writer)
                writer.flow(split, event.id)
                _join_up(writer, event.id, branch, join)
        case Fail(variable=variable):
            writer.add(
                bpmn.exclusive(split, default=f"{split}_{join}")
                + bpmn.exclusive(join)
                + bpmn.end(f"{name}_x", bpmn.error("x"))
            )
            writer.flow(split, f"{name}_x", variable)
            writer.flow(split, join)
        case Bound(body=body, events=attached):
            return _write_bound(writer, name, body, attached)
    return split, join


def _write_bound(writer: Writer, name: str, body: Block, attached: list[Attached]) -> tuple[str, str]:
    entry, leave = write(body, writer)
    join = f"{name}_join"
    writer.add(bpmn.exclusive(join))
    writer.flow(leave, join)
    for event in attached:
        writer.add(bpmn.boundary(event.id, entry, _event(event.kind), event.interrupting))
        first, last = write(event.handler, writer)
        writer.flow(event.id, first)
        if event.interrupting:
            writer.flow(last, join)
        else:
            writer.add(bpmn.end(f"{event.id}_end"))
            writer.flow(last, f"{event.id}_end")
    return entry, join


def _write_branches(
    writer: Writer, split: str, join: str, conditions: list[str], branches: list[Block | None]
) -> None:
    for condition, branch in zip(conditions, branches, strict=True):
        if branch is None:
            writer.flow(split, join, condition)
            continue
        entry, leave = write(branch, writer)
        writer.flow(split, entry, condition)
        writer.flow(leave, join)


def _join_up(writer: Writer, source: str, branch: Block | None, join: str) -> None:
    if branch is None:
        writer.flow(source, join)
        return
    entry, leave = write(branch, writer)
    writer.flow(source, entry)
    writer.flow(leave, join)


def entry_of(block: Block) -> str:
    """Return the id of a block's first element."""
    match block:
        case Task() | Catch() | Sub():
            return block.id
        case Sequence(parts=parts):
            return entry_of(parts[0])
        case Many(body=body) | Bound(body=body):
            return entry_of(body)
    return f"{block.id}_split"


def _event(kind: str) -> str:
    if kind == "timer":
        return bpmn.timer("timeDuration", "PT1H")
    return bpmn.error("x") if kind == "error" else bpmn.message("m")


class Maker:
    """Makes random blocks.

    Args:
        random: the source of chance; the same seed gives the same model.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0
        self.variables: list[str] = []
        self.loop_variables: list[str] = []

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def variable(self) -> str:
        self.variables.append(f"v{len(self.variables)}")
        return self.variables[-1]

    def model(self) -> Block:
        """Make a whole model: a few structures one after the other."""
        return self._sequence(3, False)

    def block(self, depth: int, fails: bool = False) -> Block:
        kinds = ["task", "task", "catch"]
        if depth > 0:
            kinds += [
                "sequence",
                "choice",
                "fork",
                "inclusive",
                "loop",
                "many",
                "sub",
                "bound",
                "bound",
                "race",
            ]
            kinds += ["fork", "inclusive", "loop", "sequence"]
        if fails:
            kinds += ["fail", "fail"]
        kind = self.random.choice(kinds)
        return getattr(self, f"_{kind}")(depth - 1, fails)

    def branch(self, depth: int, fails: bool) -> Block | None:
        return None if self.random.random() < 0.15 else self.block(depth, fails)

    def _task(self, depth: int, fails: bool) -> Task:
        return Task(self.name("t"))

    def _catch(self, depth: int, fails: bool) -> Catch:
        return Catch(self.name("c"), self.random.choice(["message", "timer"]))

    def _fail(self, depth: int, fails: bool) -> Block:
        return Fail(self.name("f"), self.variable())

    def _sequence(self, depth: int, fails: bool) -> Block:
        return Sequence(self.name("q"), [self.block(depth, fails) for _ in range(self.random.randint(2, 3))])

    def _fork(self, depth: int, fails: bool) -> Block:
        return Fork(self.name("p"), [self.block(depth, fails) for _ in range(self.random.randint(2, 3))])

    def _choice(self, depth: int, fails: bool) -> Block:
        return Choice(self.name("x"), *self._options(depth, fails))

    def _inclusive(self, depth: int, fails: bool) -> Block:
        return Inclusive(self.name("i"), *self._options(depth, fails))

    def _options(self, depth: int, fails: bool) -> tuple[list[str], list[Block | None]]:
        count = self.random.randint(1, 2)
        branches: list[Block | None] = [self.block(depth, fails) for _ in range(count)]
        # One empty branch at most: two flows between the same elements would have one id.
        return [self.variable() for _ in range(count)], [*branches, self.branch(depth, fails)]

    def _loop(self, depth: int, fails: bool) -> Block:
        # A task first, so that a pass always waits for something.
        body = Sequence(self.name("q"), [Task(self.name("t")), self.block(depth, fails)])
        variable = self.variable()
        self.loop_variables.append(variable)
        return Loop(self.name("l"), body, variable)

    def _many(self, depth: int, fails: bool) -> Many:
        body = self._sub(min(depth, 1), fails) if self.random.random() < 0.4 else self._task(depth, fails)
        count = self.random.randint(0, 3)
        return Many(self.name("n"), body, count, self.random.random() < 0.5, self.random.choice([0, 0, 1, 2]))

    def _sub(self, depth: int, fails: bool) -> Sub:
        return Sub(self.name("u"), self.block(depth, fails))

    def _race(self, depth: int, fails: bool) -> Block:
        events = [self._catch(depth, fails) for _ in range(self.random.randint(2, 3))]
        return Race(self.name("r"), events, [self.branch(depth, fails) for _ in events])

    def _bound(self, depth: int, fails: bool) -> Block:
        with_error = self.random.random() < 0.4
        body: Task | Sub | Many
        if with_error:
            body = self._sub(depth, fails=True)
            if self.random.random() < 0.3:
                body = Many(self.name("n"), body, self.random.randint(1, 3), self.random.random() < 0.5, 0)
        else:
            body = self.random.choice([self._task, self._sub, self._many])(depth, fails)
        events = [Attached(self.name("b"), "error", True, self.block(depth, fails))] if with_error else []
        for _ in range(self.random.randint(0 if with_error else 1, 2)):
            interrupting = self.random.random() < 0.5
            # What runs beside gets a scope of its own, so that two runs never meet in one join.
            handler = self.block(depth, fails) if interrupting else self._sub(min(depth, 1), False)
            kind = "message" if not interrupting else self.random.choice(["message", "timer"])
            events.append(Attached(self.name("b"), kind, interrupting, handler))
        return Bound(self.name("w"), body, events)
