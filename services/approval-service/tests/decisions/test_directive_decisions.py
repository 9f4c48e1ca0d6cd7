"""Directives: issued once for a deployment and the sign-off that ended, closed by a report or by facts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placet_approval.domain.directive import Directive, Resolution
from placet_shared.errors import Conflict

from .builders import AT, RUNS, WHY, event_types


def issued(before: Directive | None = None) -> Directive:
    directive = Directive.issue(before, RUNS, "drain", None, AT)
    assert directive is not None
    return directive


def test_directive_is_issued_once_for_a_deployment_and_a_sign_off() -> None:
    directive = issued()
    assert Directive.issue(directive, RUNS, "drain", None, AT) is None
    assert event_types(directive) == ["DirectiveIssued"]
    other = {Directive.key_of("deployment-1", None), Directive.key_of("deployment-2", "sign-off-1"), directive.key}
    assert len(other) == 3


@pytest.mark.parametrize("how", ["ended", "replaced", "shadowed", "accepted"])
def test_directive_that_was_dealt_with_is_not_issued_again(how: Resolution) -> None:
    directive = issued()
    directive.close_by_facts(how, AT)
    assert Directive.issue(directive, RUNS, "drain", None, AT) is None


def test_directive_is_open_again_when_the_same_sign_off_counted_in_between() -> None:
    directive = issued()
    directive.close_by_facts("approved_again", AT)
    assert not directive.is_open
    assert issued(directive).is_open
    assert event_types(directive) == ["DirectiveIssued", "DirectiveResolved", "DirectiveIssued"]


@pytest.mark.parametrize(("seconds", "again"), [(-1, False), (0, False), (1, True)])
def test_directive_is_open_again_when_the_sign_off_has_ended_again_since(seconds: int, again: bool) -> None:
    found = replace(RUNS, ended_at=AT + timedelta(seconds=seconds))
    directive = issued()
    assert Directive.issue(directive, found, "drain", None, AT) is None, "it is open"
    directive.report("shadowed", None, AT)
    later = AT + timedelta(seconds=2)
    assert (Directive.issue(directive, found, "drain", None, later) is not None) is again
    assert Directive.issue(directive, found, "drain", None, later) is None


def test_closed_directive_takes_no_report_and_facts_change_nothing() -> None:
    directive = issued()
    directive.report("ended", None, AT)
    directive.close_by_facts("replaced", AT)
    with pytest.raises(Conflict):
        directive.report("accepted", WHY, AT)
    assert event_types(directive) == ["DirectiveIssued", "DirectiveResolved"]
