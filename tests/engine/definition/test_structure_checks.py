"""Each structural check: a minimal diagram that breaks it yields exactly its code, at the right place."""

import pytest

GOOD = """
start begin
user do_it
end done
begin -> do_it -> done
"""


def test_a_good_diagram_has_no_findings(check):
    assert check(GOOD).findings == []


CASES = {
    # code: (sketch, element, needle on the line that is reported; "" for the element itself)
    "start_event.incoming": (
        """
        start begin
        xor again
        end done
        begin -> again
        again -> begin : x
        again -> done : default
        """,
        "begin",
        "",
    ),
    "end_event.outgoing": (
        """
        start begin
        end done
        end second
        begin -> done -> second
        """,
        "done",
        "",
    ),
    "boundary_event.incoming": (
        """
        start begin
        and fork
        user do_it
        boundary late attachedToRef="do_it" | <bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>
        end done
        end other
        begin -> fork -> do_it -> done
        fork -> late -> other
        """,
        "late",
        "",
    ),
    "boundary_event.no_outgoing": (
        """
        start begin
        user do_it
        boundary late attachedToRef="do_it" | <bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>
        end done
        begin -> do_it -> done
        """,
        "late",
        "",
    ),
    "event.wrong_trigger": (
        """
        ^<bpmn:error id="e" name="e" errorCode="E"/>
        start begin
        throw cry | <bpmn:errorEventDefinition id="seven" errorRef="e"/>
        end done
        begin -> cry -> done
        """,
        "cry",
        "",
    ),
    "event.no_trigger": (
        """
        start begin
        catch wait_for
        end done
        begin -> wait_for -> done
        """,
        "wait_for",
        "",
    ),
    "event.must_interrupt": (
        """
        ^<bpmn:error id="e" name="e" errorCode="E"/>
        start begin
        sub box {
        start inner
        end bad | <bpmn:errorEventDefinition errorRef="e"/>
        inner -> bad
        }
        boundary failed attachedToRef="box" cancelActivity="false" | <bpmn:errorEventDefinition errorRef="e"/>
        end done
        end other
        begin -> box -> done
        failed -> other
        """,
        "failed",
        "",
    ),
    "start_event.idle_interrupting": (
        """
        start begin isInterrupting="false"
        end done
        begin -> done
        """,
        "begin",
        "",
    ),
    "event_sub_process.flow": (
        """
        ^<bpmn:signal id="s" name="s"/>
        start begin
        end done
        sub on_signal triggeredByEvent="true" {
        start inner | <bpmn:signalEventDefinition signalRef="s"/>
        end over
        inner -> over
        }
        and fork
        begin -> fork -> done
        fork -> on_signal
        """,
        "on_signal",
        "",
    ),
    "event_sub_process.starts": (
        """
        ^<bpmn:signal id="s" name="s"/>
        start begin
        end done
        sub on_signal triggeredByEvent="true" {
        start one | <bpmn:signalEventDefinition signalRef="s"/>
        start two | <bpmn:signalEventDefinition signalRef="s"/>
        end over
        end over_too
        one -> over
        two -> over_too
        }
        begin -> done
        """,
        "on_signal",
        "",
    ),
    "event.no_reference": (
        """
        start begin | <bpmn:messageEventDefinition/>
        end done
        begin -> done
        """,
        "begin",
        "",
    ),
    "message.missing": (
        """
        start begin
        send tell
        end done
        begin -> tell -> done
        """,
        "tell",
        "",
    ),
    "message.unnamed": (
        """
        ^<bpmn:message id="m"/>
        start begin | <bpmn:messageEventDefinition messageRef="m"/>
        end done
        begin -> done
        """,
        "m",
        '<bpmn:message id="m"/>',
    ),
    "message.same_name": (
        """
        ^<bpmn:message id="m" name="same"/>
        ^<bpmn:message id="n" name="same"/>
        start begin | <bpmn:messageEventDefinition messageRef="m"/>
        end done
        begin -> done
        """,
        "n",
        'id="n"',
    ),
    "error.no_code": (
        """
        start begin
        end failed | <bpmn:errorEventDefinition/>
        begin -> failed
        """,
        "failed",
        "",
    ),
    "escalation.no_code": (
        """
        ^<bpmn:escalation id="e" name="e"/>
        start begin
        end up | <bpmn:escalationEventDefinition escalationRef="e"/>
        begin -> up
        """,
        "up",
        "",
    ),
    "event.caught_without_code": (
        """
        ^<bpmn:error id="e" name="e"/>
        start begin
        user do_it
        boundary failed attachedToRef="do_it" | <bpmn:errorEventDefinition errorRef="e"/>
        end done
        end other
        begin -> do_it -> done
        failed -> other
        """,
        "failed",
        "",
    ),
    "timer.kind": (
        """
        start begin | <bpmn:timerEventDefinition/>
        end done
        begin -> done
        """,
        "begin",
        "",
    ),
    "conditional_event.no_condition": (
        """
        start begin
        catch when | <bpmn:conditionalEventDefinition><bpmn:condition> </bpmn:condition></bpmn:conditionalEventDefinition>
        end done
        begin -> when -> done
        """,
        "when",
        "",
    ),
    "link.unmatched": (
        """
        start begin
        and fork
        end done
        throw jump | <bpmn:linkEventDefinition name="away"/>
        begin -> fork -> jump
        fork -> done
        """,
        "jump",
        "",
    ),
    "flow.crosses_border": (
        """
        start begin
        sub box {
        start inner
        user do_it
        end over
        inner -> do_it -> over
        }
        user outside
        end done
        and both
        begin -> box -> both
        outside -> done
        both -> outside
        both -> do_it
        """,
        "both__do_it",
        "",
    ),
    "flow.foreign_default": (
        """
        start begin
        xor choose default="begin__choose"
        end done
        end other
        begin -> choose
        choose -> done : x
        choose -> other : y
        """,
        "choose",
        "",
    ),
    "flow.misplaced_condition": (
        """
        start begin
        and fork
        end done
        end other
        begin -> fork -> done
        fork -> other : x
        """,
        "fork__other",
        "",
    ),
    "flow.missing_condition": (
        """
        start begin
        xor choose
        end done
        end other
        begin -> choose -> done
        choose -> other : x
        """,
        "choose__done",
        "",
    ),
    "flow.lone_condition": (
        """
        ^<bpmn:signal id="s" name="s"/>
        start begin | <bpmn:signalEventDefinition signalRef="s"/>
        start also
        xor merge
        end done
        begin -> merge
        also -> merge
        merge -> done : x
        """,
        "merge__done",
        "",
    ),
    "gateway.useless": (
        """
        start begin
        xor nothing
        end done
        begin -> nothing -> done
        """,
        "nothing",
        "",
    ),
    "gateway.direction": (
        """
        start begin
        and fork gatewayDirection="Converging"
        end done
        end other
        begin -> fork -> done
        fork -> other
        """,
        "fork",
        "",
    ),
    "process.several_plain_starts": (
        """
        start begin
        start also
        end done
        end other
        begin -> done
        also -> other
        """,
        "also",
        "",
    ),
    "sub_process.several_starts": (
        """
        start begin
        sub box {
        start one
        start two
        end over
        end over_too
        one -> over
        two -> over_too
        }
        end done
        begin -> box -> done
        """,
        "box",
        "",
    ),
    "node.unreachable": (
        """
        start begin
        user forgotten
        end done
        end other
        begin -> done
        forgotten -> other
        """,
        "forgotten",
        "",
    ),
    "node.dead_end": (
        """
        start begin
        and fork
        user stuck
        end done
        begin -> fork -> done
        fork -> stuck
        """,
        "stuck",
        "",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_exactly_the_broken_rule_is_found(check, code):
    sketch, element, needle = CASES[code]
    checked = check(sketch)
    found = [(one.code, one.element, one.line) for one in checked.findings]
    assert found == [(code, element, checked.line_of(needle or f' id="{element}"'))]
