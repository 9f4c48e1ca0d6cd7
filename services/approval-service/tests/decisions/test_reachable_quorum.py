"""What keeps a policy from being met is told; what can be met is not complained about."""

from dataclasses import replace

import pytest

from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.reachable_quorum import SignerGroup, obstacles

from .builders import a_policy

REVIEWER, OFFICER = "reviewer", "risk-officer"


def group(count: int, *roles: str) -> SignerGroup:
    return SignerGroup(frozenset(roles), count)


def term(count: int, *roles: str) -> SignatureTerm:
    return SignatureTerm(roles, count)


@pytest.mark.parametrize(
    ("terms", "signers", "codes"),
    [
        ([], [], []),
        ([term(2, REVIEWER)], [group(2, REVIEWER)], []),
        ([term(2, REVIEWER)], [group(1, REVIEWER)], ["quorum_out_of_reach"]),
        ([term(1, REVIEWER), term(1, OFFICER)], [group(1, REVIEWER, OFFICER)], ["quorum_out_of_reach"]),
        ([term(1, REVIEWER, OFFICER), term(1, REVIEWER)], [group(1, REVIEWER), group(1, OFFICER)], []),
        ([term(1, REVIEWER, OFFICER), term(1, REVIEWER)], [group(1, OFFICER), group(1, REVIEWER, OFFICER)], []),
        ([term(1, REVIEWER, OFFICER)], [group(1, REVIEWER)], ["role_without_people"]),
        ([term(1, "compliance")], [group(1, REVIEWER)], ["role_without_people", "quorum_out_of_reach"]),
    ],
)
def test_obstacles_of_signatures(terms: list[SignatureTerm], signers: list[SignerGroup], codes: list[str]) -> None:
    wanted = replace(a_policy().terms, signatures=tuple(terms))
    assert [one.code for one in obstacles(wanted, True, signers)] == codes


def test_environment_that_is_not_defined_is_an_obstacle() -> None:
    wanted = replace(a_policy().terms, signatures=())
    assert [one.code for one in obstacles(wanted, False, [])] == ["environment_not_defined"]
