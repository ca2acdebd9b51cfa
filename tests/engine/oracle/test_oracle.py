"""Random models run step by step in the engine and in the reference, saved and loaded before every step."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from service.engine.spiff import catching, gateways, waking
from service.engine.spiff.definition import Definition
from service.engine.spiff.execution import Execution
from tests.engine.oracle.blocks import Maker, write_model
from tests.engine.oracle.reference import Reference
from tests.engine.spiff.bench import BenchHost

SAMPLE_MODELS, SAMPLE_PATHS = 150, 4
NIGHTLY_MODELS, NIGHTLY_PATHS = 1000, 30
CALM_AFTER = 25
"""After so many steps no loop goes round again and no error is thrown, so that every run ends."""
LIMIT = 400


def engine_actions(execution):
    waiting = execution.waiting
    assert waiting.failures == []
    found = [("user", task.element_id, task.token_id, None) for task in waiting.user_tasks]
    found += [("message", wait.element_id, wait.token_id, None) for wait in waiting.subscriptions]
    return found + [("timer", wait.element_id, wait.token_id, wait.due_at) for wait in waiting.timers]


def act(execution, action):
    kind, _, token, due = action
    if kind == "user":
        execution.complete(token, {})
    elif kind == "message":
        execution.deliver(token, {})
    else:
        assert execution.fire_timer(token, due)


def draw(random, maker, step):
    calm = step > CALM_AFTER
    values = {name: random.random() < 0.5 for name in maker.variables}
    return values | {name: not calm and random.random() < 0.4 for name in maker.loop_variables}


def pick(random, actions, step):
    """Choose what happens next; late in a run tasks go first, so that nothing multiplies without end."""
    if step > CALM_AFTER:
        tasks = [action for action in actions if action.kind == "user" or action.id.startswith("c")]
        return random.choice(tasks or actions)
    return random.choice(actions)


def follow(definition, block, maker, random):
    """Run one path; return how many steps it took."""
    values = draw(random, maker, 0)
    reference = Reference(block, values)
    host = BenchHost()
    execution = Execution.start(definition, host, values)
    for step in range(LIMIT):
        actions = reference.actions()
        open_now = engine_actions(execution)
        assert Counter((kind, name) for kind, name, *_ in open_now) == Counter(
            (a.kind, a.id) for a in actions
        )
        assert (execution.status == "completed") == reference.finished
        if reference.finished:
            assert execution.tokens == []
            return step
        action = pick(random, actions, step)
        same = [other for other in actions if (other.kind, other.id) == (action.kind, action.id)]
        chosen = [other for other in open_now if other[:2] == (action.kind, action.id)][same.index(action)]
        execution = Execution.load(definition, host, execution.dump())
        reference.values = draw(random, maker, step)
        execution.set_variables(None, reference.values)
        act(execution, chosen)
        action.run.happen(action.id)
    pytest.fail("the path did not end")


def check(seed, paths):
    random = Random(seed)
    maker = Maker(random)
    block = maker.model()
    definition = Definition.parse({"p.bpmn": write_model(block)}, "p")
    for path in range(paths):
        try:
            follow(definition, block, maker, Random(f"{seed}/{path}"))
        except BaseException:
            print(f"failing seed: {seed}, path {path}\n{block}")  # noqa: T201 - the seed is the report
            raise


@pytest.mark.parametrize("start", range(0, SAMPLE_MODELS, 25))
def test_the_engine_agrees_with_the_reference_on_a_sample(start):
    for seed in range(start, start + 25):
        check(seed, SAMPLE_PATHS)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("start", range(0, NIGHTLY_MODELS, 50))
def test_the_engine_agrees_with_the_reference_on_a_thousand_models(start):
    for seed in range(10_000 + start, 10_050 + start):
        check(seed, NIGHTLY_PATHS)


def never_waits(scope, join):
    return False


def joins_at_once(self, arrived):
    return True


def forgets_the_rest(scope, activity):
    """Leave an interrupted activity running."""


@pytest.mark.parametrize(
    ("place", "name", "broken"),
    [
        (waking, "_may_still_receive", never_waits),
        (gateways.Join, "is_complete", joins_at_once),
        (catching, "interrupt", forgets_the_rest),
    ],
)
def test_a_wrong_engine_is_found(place, name, broken, monkeypatch, capsys):
    monkeypatch.setattr(place, name, broken)
    found = 0
    for seed in range(60):
        try:
            check(seed, 2)
        except (AssertionError, KeyError, IndexError, AttributeError):
            found += 1
    assert found >= 3
    assert "failing seed" in capsys.readouterr().out
