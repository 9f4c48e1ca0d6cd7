"""Which formats run, and in which confinement."""

import pytest

from placet_shared.contracts.plan_document import ArtifactRules
from placet_verification.domain.formats import EVALUATED, obstacle

RULES = ArtifactRules().model_dump()
LATER = EVALUATED | {"sklearn-pickle", "xgboost"}


@pytest.mark.parametrize("complete", [True, False])
def test_onnx_runs_in_every_confinement(complete: bool) -> None:
    assert obstacle("onnx", RULES, complete=complete) is None


@pytest.mark.parametrize("format_", ["sklearn-pickle", "xgboost"])
def test_any_other_format_runs_only_in_the_complete_confinement(format_: str) -> None:
    assert obstacle(format_, RULES, complete=True, evaluated=LATER) is None
    assert obstacle(format_, RULES, complete=False, evaluated=LATER) == "confinement_incomplete"


@pytest.mark.parametrize("complete", [True, False])
def test_a_format_that_is_not_evaluated_does_not_run(complete: bool) -> None:
    assert obstacle("sklearn-pickle", RULES, complete=complete) == "format_not_supported"
    assert obstacle("unknown", RULES, complete=complete) == "format_not_supported"
