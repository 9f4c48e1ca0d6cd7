"""Whatever a model does, it ends in its time, with a reason, and leaves nothing behind. Each test runs a real child process."""

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from placet_shared.testing import eventually
from placet_verification.adapters.fork_server import ForkServer
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal, Report

from .. import builders, onnx_models

LOOPS_ALLOWED = {"artifact": {"allow_operators": ["Loop"]}, "limits": {"wall_clock_seconds": 4, "memory_mib": 512}}


def evaluations() -> list[psutil.Process]:
    """The child processes that try a model now."""
    assert builders.CHILDREN.pid is not None
    return psutil.Process(builders.CHILDREN.pid).children()


async def tried(folder: Path, model: bytes, **parts: Any) -> Report:
    return await builders.try_out(folder, model, builders.labelled_rows(), builders.plan(**parts))


@pytest.mark.parametrize(
    ("model", "reason_code"),
    [
        (b"", "not_onnx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_onnx"),
        (b"not a model at all" * 100, "not_onnx"),
        (onnx_models.endless(), "unsafe_operator"),
        (onnx_models.hidden_loop(), "unsafe_operator"),
        (onnx_models.foreign_domain(), "unsafe_domain"),
        (onnx_models.external_data(), "external_data"),
        (onnx_models.forty_gigabytes(), "memory_limit"),
        (onnx_models.of_doubles(), "signature_mismatch"),
        (onnx_models.logistic([1.0, 2.0, 3.0]), "signature_mismatch"),
        (onnx_models.unknown_operator(), "not_runnable"),
        (onnx_models.not_a_number(), "prediction_not_finite"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_model_that_can_not_be_tried_is_refused_with_a_reason(tmp_path: Path, model: bytes, reason_code: str) -> None:
    report = await tried(tmp_path, model)
    assert isinstance(report.finding, Refusal)
    assert report.finding.reason_code == reason_code


async def test_an_allowed_loop_without_an_end_is_stopped_by_the_wall_clock(tmp_path: Path) -> None:
    report = await tried(tmp_path, onnx_models.endless(), **LOOPS_ALLOWED)
    assert report.finding == Refusal("timeout", {"seconds": 4})
    assert not evaluations()


async def test_an_allowed_loop_that_eats_memory_is_stopped_by_its_limit(tmp_path: Path) -> None:
    report = await tried(tmp_path, onnx_models.hungry(), **LOOPS_ALLOWED)
    assert report.finding == Refusal("memory_limit")


async def test_limits_of_file_nodes_and_initialisers_are_the_plans(tmp_path: Path) -> None:
    model = onnx_models.logistic()
    for rule, reason_code in (
        ({"max_bytes": len(model) - 1}, "artifact_too_large"),
        ({"max_nodes": 2}, "too_many_nodes"),
        ({"max_initializer_bytes": 8}, "initializers_too_large"),
    ):
        report = await tried(tmp_path, model, artifact=rule)
        assert isinstance(report.finding, Refusal)
        assert report.finding.reason_code == reason_code


async def test_a_declared_signature_that_the_model_does_not_have_is_refused(tmp_path: Path) -> None:
    async def declared(name: str, type_: str, shape: list[int | None]) -> Report:
        signature = {"inputs": [{"name": name, "type": type_, "shape": shape}], "outputs": []}
        return await builders.try_out(tmp_path, onnx_models.logistic(), builders.labelled_rows(), builders.plan(), signature)

    assert not isinstance((await declared("X", "float32", [None, 2])).finding, Refusal)
    for wrong in (("Y", "float", [None, 2]), ("X", "tensor(double)", [None, 2]), ("X", "float", [None, 3]), ("X", "float", [2])):
        finding = (await declared(*wrong)).finding
        assert isinstance(finding, Refusal)
        assert finding.reason_code == "signature_mismatch"


async def test_the_child_inherits_nothing_of_the_services_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where passwords and tokens may stand. With this variable the loader of glibc lists a program's libraries and does not run it."""
    monkeypatch.setenv("LD_TRACE_LOADED_OBJECTS", "1")
    trial = builders.trial(tmp_path, onnx_models.logistic(), builders.labelled_rows(), builders.plan())
    with closing(ForkServer()) as children:
        assert isinstance((await Sandbox(30, 512, children).evaluate(trial)).finding, Evaluation)


async def test_a_run_that_is_cancelled_leaves_no_child(tmp_path: Path) -> None:
    trying = asyncio.create_task(tried(tmp_path, onnx_models.endless(), artifact={"allow_operators": ["Loop"]}))
    children = await eventually(evaluations)
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    assert trying.cancelled()
    assert not any(child.is_running() for child in children)


async def test_bytes_that_are_not_those_asked_for_are_refused(tmp_path: Path) -> None:
    trial = builders.trial(tmp_path, onnx_models.logistic(), builders.labelled_rows(), builders.plan())
    report = await Sandbox(30, 512, builders.CHILDREN).evaluate(replace(trial, artifact_sha256=builders.SHA))
    assert report.finding == Refusal("artifact_digest_mismatch", {"input": "artifact"})
    datasets = {"evaluation": replace(trial.datasets["evaluation"], sha256=builders.SHA)}
    report = await Sandbox(30, 512, builders.CHILDREN).evaluate(replace(trial, datasets=datasets))
    assert report.finding == Refusal("dataset_digest_mismatch", {"input": "evaluation"})
