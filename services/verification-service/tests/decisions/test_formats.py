"""Which formats run, and in which confinement."""

import pytest

from placet_shared.contracts.plan_document import ArtifactRules
from placet_verification.domain.formats import EVALUATED, obstacle

RULES = ArtifactRules().model_dump()
ALLOWING = RULES | {"allow_pickle": True}


@pytest.mark.parametrize("complete", [True, False])
def test_onnx_runs_in_every_confinement(complete: bool) -> None:
    assert obstacle("onnx", RULES, complete=complete) is None


@pytest.mark.parametrize("format_", sorted(EVALUATED - {"onnx"}))
def test_any_other_format_runs_only_in_the_complete_confinement(format_: str) -> None:
    assert obstacle(format_, ALLOWING, complete=True) is None
    assert obstacle(format_, ALLOWING, complete=False) == "confinement_incomplete"


@pytest.mark.parametrize("complete", [True, False])
def test_a_pickle_runs_only_where_the_plan_says_so(complete: bool) -> None:
    before_it_was_known = {name: value for name, value in RULES.items() if not name.startswith("allow_")}
    assert obstacle("sklearn-pickle", RULES, complete=complete) == "pickle_not_allowed"
    assert obstacle("sklearn-pickle", before_it_was_known, complete=complete) == "pickle_not_allowed"


@pytest.mark.parametrize("format_", ["pytorch", "mlflow-folder", "unknown"])
@pytest.mark.parametrize("complete", [True, False])
def test_a_format_that_is_not_evaluated_does_not_run(format_: str, complete: bool) -> None:
    assert obstacle(format_, ALLOWING, complete=complete) == "format_not_supported"
