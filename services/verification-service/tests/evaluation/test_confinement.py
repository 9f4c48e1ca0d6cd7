"""What the child has given up, seen from inside and from outside."""

import asyncio
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import placet_verification
from placet_verification.adapters.evaluation.confinement import Confinement, offered
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.domain.result import Evaluation
from placet_verification.ports import DataFile, Refusal, Trial

from .. import attacks, builders, onnx_models
from ..attacks import NEEDS_CONFINEMENT
from ..builders import check

SOURCES = str(Path(placet_verification.__file__).parents[1])
LOOK = """
import json, os, resource, sys
sys.path.insert(0, sys.argv[1])
from placet_verification.adapters.evaluation.confinement import give_up_growth, give_up_privileges
give_up_privileges(7, os.getppid())
give_up_growth(64 * 1024 ** 2)
seen = {"status": open("/proc/self/status").read()}
seen |= {"cpu": resource.getrlimit(resource.RLIMIT_CPU), "core": resource.getrlimit(resource.RLIMIT_CORE)}
try:
    bytearray(256 * 1024 ** 2)
except MemoryError:
    seen["memory"] = "refused"
try:
    with open(sys.argv[2], "wb") as file:
        file.write(b"x")
except OSError as error:
    seen["file"] = error.strerror
print(json.dumps(seen))
"""
LOAD = """
import os, sys
sys.path.insert(0, sys.argv[1])
from placet_verification.adapters.evaluation.confinement import give_up_privileges, give_up_privileges_of_server
give_up_privileges_of_server()
give_up_privileges(30, os.getppid())
from placet_verification.adapters.evaluation.sessions import onnx_session
print(next(line for line in open("/proc/self/status") if line.startswith("Threads")), end="")
"""


async def test_the_child_can_not_grow_write_or_gain_privileges(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", LOOK, SOURCES, str(tmp_path / "file"), stdout=asyncio.subprocess.PIPE, env={}
    )
    out, _ = await child.communicate()
    seen = json.loads(out)
    assert "NoNewPrivs:\t1" in seen["status"]
    assert seen["cpu"] == [7, 7]
    assert seen["core"] == [0, 0]
    assert seen["memory"] == "refused"
    assert seen["file"] == "File too large"


async def test_the_engine_runs_in_one_thread_and_sends_no_reports() -> None:
    """With its telemetry on it would have an uploading thread."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", LOAD, SOURCES, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={}
    )
    out, complaint = await child.communicate()
    assert out == b"Threads:\t1\n"
    assert complaint == b""


async def test_a_child_whose_parent_is_gone_does_not_begin() -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", LOAD.replace("os.getppid()", "1"), SOURCES, stderr=asyncio.subprocess.PIPE, env={}
    )
    _, complaint = await child.communicate()
    assert complaint == b"the parent is gone already\n"


async def test_a_version_of_another_format_reaches_no_child(tmp_path: Path) -> None:
    """Whatever the request let through, and however complete the confinement is."""
    nothing = tmp_path / "nothing"  # would raise if it were opened
    for probe in (offered, lambda: Confinement(no_new_privs=True, landlock=0, seccomp=False)):
        datasets = {"evaluation": DataFile(nothing, builders.SHA)}
        trial = Trial(builders.plan(), "pytorch", nothing, builders.SHA, datasets, {}, (), None, None)
        report = await Sandbox(30, 512, builders.CHILDREN, probe=probe).evaluate(trial)
        assert report.finding == Refusal("format_not_supported", {"format": "pytorch"})


@NEEDS_CONFINEMENT
@pytest.mark.parametrize(
    ("confinement", "recorded"),
    [
        (offered(), {"no_new_privs": True, "landlock": offered().landlock, "seccomp": True}),
        (Confinement(no_new_privs=True, landlock=3, seccomp=False), {"no_new_privs": True, "landlock": 3, "seccomp": False}),
        (Confinement(no_new_privs=True, landlock=0, seccomp=True), {"no_new_privs": True, "landlock": False, "seccomp": True}),
    ],
    ids=["complete", "an older kernel", "no Landlock"],
)
async def test_the_record_says_what_confined_the_run(tmp_path: Path, confinement: Confinement, recorded: dict[str, object]) -> None:
    trial = builders.trial(tmp_path, onnx_models.logistic(), builders.labelled_rows(), builders.plan())
    report = await Sandbox(30, 512, builders.CHILDREN, probe=lambda: confinement).evaluate(trial)
    assert isinstance(report.finding, Evaluation)
    assert report.finding.sandbox == {**recorded, "memory_bytes": 512 * 1024**2, "wall_clock_s": 30}


async def test_all_metrics_of_all_tasks_are_measured_in_the_complete_confinement(tmp_path: Path) -> None:
    """After it no import succeeds, and libraries import some of their parts when they first use them."""
    binary = ["roc_auc", "average_precision", "log_loss", "brier", "accuracy", "balanced_accuracy", "f1", "mcc"]
    several = ["accuracy", "balanced_accuracy", "f1_macro", "f1_weighted", "mcc", "log_loss", "top_k_accuracy"]
    trials = [
        (onnx_models.classifier(zip_map=True), builders.labelled_rows(), builders.plan(checks=[check(name) for name in binary])),
        (
            onnx_models.softmax(np.array([[1.0, -1.0, 0.0], [0.5, 1.0, -0.5]])),
            builders.labelled_rows(60_000),
            builders.plan(
                task="multiclass",
                prediction={"scores": "P", "classes": ["0", "1", "2"]},
                checks=[check(name, k=1 if name == "top_k_accuracy" else None) for name in several],
            ),
        ),
        (
            onnx_models.linear([1.0, 2.0]),
            builders.labelled_rows(),
            builders.regression(*(check(name) for name in ("mae", "rmse", "r2", "mape"))),
        ),
    ]
    for model, rows, document in trials:
        report = await builders.try_out(tmp_path, model, rows, document)
        assert isinstance(report.finding, Evaluation), report.finding
        assert len(report.finding.measured) == len(document["checks"])
        assert not any("failed" in found for found in report.finding.measured.values())


SCIENCE = """
x = np.random.default_rng(1).normal(size=(2000, 4))
found["numpy"] = float(np.linalg.svd(x)[1].min() + np.quantile(x, 0.9)) > 0
found["scipy"] = [round(float(scipy.special.ndtri(0.975)), 3), bool(scipy.optimize.minimize(lambda v: (v**2).sum(), np.ones(3)).success)]
found["ks"] = float(scipy.stats.ks_2samp(x[:, 0], x[:, 1]).pvalue) > 0
"""


async def test_numpy_and_scipy_live_with_the_calls_that_remain(tmp_path: Path) -> None:
    imported = """
import builtins, numpy, scipy.optimize, scipy.special, scipy.stats
import placet_verification.adapters.evaluation.preloaded
builtins.np, builtins.scipy = numpy, scipy
"""
    expected = attacks.found(numpy=True, scipy=[1.96, True], ks=True)
    assert await attacks.attacked(tmp_path, SCIENCE, before=imported) == expected
