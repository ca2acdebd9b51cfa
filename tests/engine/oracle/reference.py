"""The reference: runs a block-structured model directly, without knowing anything of BPMN engines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from tests.engine.oracle import blocks as b


@dataclass(frozen=True)
class Action:
    """Something that can happen now: a task done, a message or timer arriving."""

    kind: str
    id: str
    order: tuple[int, int]
    run: Run


class Run:
    """A block under way."""

    def __init__(self, block, parent, world, scope):
        self.block, self.parent, self.world, self.scope = block, parent, world, scope
        self.seq = next(world.numbers)
        self.children: list[Run] = []
        self.index = 0
        self.passed = 0

    # --- life ---

    @property
    def is_alive(self):
        """Whether no enclosing block was cancelled, as a sibling's error may do at once."""
        if self.parent is None:
            return not self.world.finished
        return self in self.parent.children and self.parent.is_alive

    def begin(self):
        if not self.is_alive:
            return
        getattr(self, f"_begin_{type(self.block).__name__.lower()}")()

    def done(self):
        if self.parent is None:
            self.world.finished = True
        else:
            self.parent.child_done(self)

    def start(self, block, scope=None):
        child = Run(block, self, self.world, scope or self.scope)
        self.children.append(child)
        child.begin()
        return child

    def start_all(self, chosen):
        runs = [Run(block, self, self.world, self.scope) for block in chosen if block is not None]
        self.children += runs
        if not runs:
            self.done()
        for run in runs:
            run.begin()

    def child_done(self, child):
        if child not in self.children:
            return
        self.children.remove(child)
        getattr(self, f"_after_{type(self.block).__name__.lower()}", self._after_last)(child)

    def _after_last(self, child):
        if not self.children:
            self.done()

    # --- blocks ---

    def _begin_task(self):
        pass

    _begin_catch = _begin_race = _begin_task

    def _begin_sequence(self):
        self.start(self.block.parts[0])

    def _after_sequence(self, child):
        self.index += 1
        if self.index < len(self.block.parts):
            self.start(self.block.parts[self.index])
        else:
            self.done()

    def _begin_choice(self):
        picked = [
            branch
            for name, branch in zip(self.block.variables, self.block.branches, strict=False)
            if self.world.values[name]
        ]
        self.start_all([picked[0] if picked else self.block.branches[-1]])

    def _begin_inclusive(self):
        picked = [
            branch
            for name, branch in zip(self.block.variables, self.block.branches, strict=False)
            if self.world.values[name]
        ]
        self.start_all(picked or [self.block.branches[-1]])

    def _begin_fork(self):
        self.start_all(self.block.branches)

    def _begin_loop(self):
        self.start(self.block.body)

    def _after_loop(self, child):
        if self.world.values[self.block.variable]:
            self.start(self.block.body)
        else:
            self.done()

    def _begin_fail(self):
        if not self.world.values[self.block.variable]:
            self.done()
            return
        run = self.parent
        while not (
            isinstance(run.block, b.Bound)
            and run.index == 0
            and any(e.kind == "error" for e in run.block.events)
        ):
            run = run.parent
        run.fire(next(event for event in run.block.events if event.kind == "error"))

    def _begin_many(self):
        if self.block.count == 0:
            self.done()
        elif self.block.sequential:
            self.start(self.block.body)
        else:
            self.start_all([self.block.body] * self.block.count)

    def _after_many(self, child):
        self.passed += 1
        block = self.block
        if (block.enough and self.passed >= block.enough) or self.passed == block.count:
            self.children.clear()
            self.done()
        elif block.sequential:
            self.start(block.body)

    def _begin_sub(self):
        self.start(self.block.body, scope=self)

    def _begin_bound(self):
        self.start(self.block.body)

    def _after_bound(self, child):
        self.done()

    def fire(self, event):
        if event.interrupting:
            self.children.clear()
            self.index = 1
            self.start(event.handler)
        else:
            self.scope.start(event.handler)

    # --- what can happen ---

    def actions(self):
        block = self.block
        if isinstance(block, b.Task):
            yield self._action("user", block.id)
        elif isinstance(block, b.Catch):
            yield self._action(block.kind, block.id)
        elif isinstance(block, b.Race) and not self.children and self.index == 0:
            for event in block.events:
                yield self._action(event.kind, event.id)
        elif isinstance(block, b.Bound) and self.index == 0:
            for event in block.events:
                if event.kind != "error":
                    yield self._action(event.kind, event.id)
        for child in self.children:
            yield from child.actions()

    def _action(self, kind, name):
        return Action(kind, name, (self.scope.seq if self.scope else 0, self.seq), self)

    def happen(self, name):
        block = self.block
        if isinstance(block, b.Race):
            self.index = 1
            place = [event.id for event in block.events].index(name)
            self.start_all([block.branches[place]])
        elif isinstance(block, b.Bound):
            self.fire(next(event for event in block.events if event.id == name))
        else:
            self.done()


class Reference:
    """A model under way; its conditions read ``values``."""

    def __init__(self, block, values):
        self.numbers = count()
        self.values = values
        self.finished = False
        # The process is a sub-process without a parent: it is done when all that runs in it is.
        self.root = Run(b.Sub("root", block), None, self, None)
        self.root.scope = self.root
        self.root.begin()

    def actions(self):
        return [] if self.finished else sorted(self.root.actions(), key=lambda action: action.order)
