"""Each format has a gate and an engine; where one of them is missing, a run ends with a reason and never with a pass."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import skops.io
from sklearn.linear_model import LogisticRegression, Ridge

from placet_verification.adapters.evaluation import model_formats
from placet_verification.adapters.evaluation.inputs import Files, Format, Inputs
from placet_verification.adapters.evaluation.measures import artifact_safety, signature
from placet_verification.adapters.evaluation.model_formats import FORMATS
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.domain.formats import EVALUATED
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal

from .. import builders, onnx_models
from ..estimators import fitted
from ..tree_models import lightgbm_text, xgboost_ubj

LACKING = "lacking"
CHECKS = [{"id": "one"}]


NOT_INSTALLED = "import library_of_nobody"
NOT_LINKED = "raise OSError('library_of_nobody: cannot open shared object file: No such file or directory')"  # as ctypes has it


@pytest.fixture(params=[NOT_INSTALLED, NOT_LINKED], ids=["not installed", "not linked"])
def lacking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A format whose gate is there and whose library is not, or not all that it is linked to."""
    (tmp_path / "engine_without_its_library.py").write_text(request.param)
    monkeypatch.syspath_prepend(tmp_path)
    format_ = model_formats._Format(FORMATS["onnx"].gate, "engine_without_its_library")
    monkeypatch.setattr(model_formats, "FORMATS", {**FORMATS, LACKING: format_})
    return LACKING


def request(format_: str, champion: str = "", *, dataset: bool = True, **more: Any) -> dict[str, Any]:
    document = builders.plan() if dataset else builders.plan_without_data()
    return {"plan": document, "measures": {}, **builders.formats(format_, champion), **more}


def test_what_runs_may_be_requested_for_is_what_there_are_engines_for() -> None:
    assert FORMATS.keys() == EVALUATED


def test_a_library_that_is_not_installed_ends_the_run_before_it_begins(lacking: str) -> None:
    for asked in (request(lacking), request("onnx", lacking), request(lacking, dataset=False, measures={"signature": "…"})):
        with pytest.raises(Refused) as caught:
            model_formats.prepare(asked)
        assert caught.value.reason_code == "format_not_installed"
        assert caught.value.facts == {"format": lacking, "library": "library_of_nobody"}


def test_what_is_not_loaded_needs_no_library(lacking: str) -> None:
    model_formats.prepare(request(lacking, dataset=False, measures={"artifact_safety": "…"}))
    model_formats.prepare(request("onnx", lacking, champion_obstacle="confinement_incomplete"))
    inputs = Inputs(builders.plan_without_data(), Files(onnx_models.logistic(), None, {}), format=Format(lacking))
    assert artifact_safety.measure(CHECKS, inputs)["one"]["reason_code"] is None
    assert model_formats.versions(lacking) == {}


def test_a_signature_is_no_finding_where_the_library_is_missing(lacking: str) -> None:
    declared: dict[str, Any] = {"inputs": [], "outputs": []}
    inputs = Inputs(builders.plan_without_data(), Files(onnx_models.logistic(), None, {}), declared, format=Format(lacking))
    with pytest.raises(Refused) as caught:
        signature.measure(CHECKS, inputs)
    assert caught.value.reason_code == "format_not_installed"


def test_a_model_with_an_obstacle_is_never_loaded() -> None:
    inputs = Inputs(builders.plan(), Files(b"", None, {}), format=Format("onnx", "confinement_incomplete"))
    with pytest.raises(Refused) as caught:
        _ = inputs.session
    assert (caught.value.reason_code, caught.value.facts) == ("confinement_incomplete", {"format": "onnx"})


CLASSIFYING = {
    "xgboost": ("xgboost", xgboost_ubj),
    "lightgbm": ("lightgbm", lightgbm_text),
    "an estimator": ("skops", lambda: skops.io.dumps(fitted(LogisticRegression()))),
    "a regression of 0 and 1": ("skops", lambda: skops.io.dumps(fitted(Ridge()))),
}


@pytest.mark.parametrize(("format_", "made"), CLASSIFYING.values(), ids=CLASSIFYING.keys())
def test_a_score_is_of_the_class_that_the_plan_calls_positive(format_: str, made: Callable[[], bytes], tmp_path: Path) -> None:
    """Which of the two that is changes nothing about how well a model tells them apart."""
    areas = []
    for positive in ("0", "1"):
        document = builders.plan(prediction={"scores": "P", "classes": ["0", "1"], "positive": positive})
        found = builders.measured_here(builders.trial(tmp_path, made(), builders.labelled_rows(), document, format_=format_))
        assert isinstance(found, Evaluation)
        areas.append(found.measured["roc_auc"]["value"])
    assert areas[0] == pytest.approx(areas[1], abs=1e-3)
    assert areas[1] > 0.8


async def test_a_champion_that_may_not_run_is_no_fault_of_the_challenger(tmp_path: Path) -> None:
    document = builders.plan(checks=[{"id": "champion", "check": "champion"}, builders.check("roc_auc")])
    trial = builders.trial(tmp_path, onnx_models.logistic(), builders.labelled_rows(), document)
    report = await builders.evaluated(builders.with_champion(trial, tmp_path, onnx_models.logistic(), "pytorch"))
    assert not isinstance(report.finding, Refusal)
    assert report.finding.measured["champion"]["reason_code"] == "champion_format_not_supported"
    assert report.finding.measured["roc_auc"]["value"] > 0.5
