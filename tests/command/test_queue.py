"""The queue of runs as people see it: with one worker, a run waits at its place behind an endless one until that is cancelled."""

import json
import re
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

pytestmark = pytest.mark.postgres

ENDLESS = ("artifact: {allow_operators: [Loop]}", "limits: {wall_clock_seconds: 600, memory_mib: 512}", "for: {models: [endless, patient]}")


def endless_model() -> bytes:
    """A loop without an end."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["keep"], ["keep_on"]), helper.make_node("Identity", ["state"], ["next"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("keep", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, None),
        ],
        [helper.make_tensor_value_info("keep_on", TensorProto.BOOL, []), helper.make_tensor_value_info("next", TensorProto.FLOAT, None)],
    )
    nodes = [
        helper.make_node("Constant", [], ["yes"], value=helper.make_tensor("t", TensorProto.BOOL, [], [True])),
        helper.make_node("ReduceMax", ["X"], ["x"], axes=[1]),
        helper.make_node("Loop", ["", "yes", "x"], ["P"], body=body),
    ]
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["rows", 2])]
    outputs = [helper.make_tensor_value_info("P", TensorProto.FLOAT, ["rows", 1])]
    graph = helper.make_graph(nodes, "g", inputs, outputs)
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def test_a_run_waits_at_its_place_until_the_endless_one_is_cancelled(
    installation: Any, register: Any, plan: Any, dataset: Any, good_model: bytes
) -> None:
    sha256 = installation.placet("alice", "upload", dataset).stdout.strip()
    file = plan("dev", sha256)
    file.write_text("\n".join([file.read_text(), *ENDLESS]))
    applied = installation.placet("dora", "apply", "-f", file)
    assert applied.returncode == 0, applied.stderr
    register("endless", endless_model())
    register("patient", good_model)
    endless = installation.start_placet("alice", "verify", "endless", 1, "-e", "dev", "--timeout", 120)
    first = run_named(endless.stderr.readline())
    assert "is running" in next(line for line in endless.stderr if "place" not in line)
    patient = installation.start_placet("alice", "verify", "patient", 1, "-e", "dev", "--timeout", 120, "--json")
    second = run_named(patient.stderr.readline())
    assert f"run {second} is at place 1 in the queue" in patient.stderr.readline()
    shown = installation.placet("erin", "runs", "show", second)
    assert "queued at place 1 in the queue" in shown.stdout

    because = ("--reason", "It never ends.")
    assert installation.placet("alice", "runs", "cancel", first).returncode == 2
    refused = installation.placet("ci", "runs", "cancel", first, *because)
    assert (refused.returncode, "another person" in refused.stderr) == (1, True), refused.stderr
    cancelled = installation.placet("alice", "runs", "cancel", first, *because)
    assert (cancelled.returncode, cancelled.stdout) == (0, f"The run {first} is cancelled.\n"), cancelled.stderr

    out, err = endless.communicate()
    assert endless.returncode == 4, err
    assert "It never ends." in out
    out, err = patient.communicate()
    assert patient.returncode == 0, err
    assert json.loads(out)[0]["status"] == "passed"
    listed = json.loads(installation.placet("erin", "runs", "list", "--status", "cancelled", "--json").stdout)
    assert [run["id"] for run in listed] == [first]
    assert "It never ends." in installation.placet("erin", "runs", "show", first).stdout
    again = installation.placet("dora", "runs", "cancel", first, *because)
    assert (again.returncode, "ended as cancelled" in again.stderr) == (1, True), again.stderr


def run_named(line: str) -> str:
    found = re.match(r"\W*run (\S+) by larger-dev version", line)
    assert found is not None, line
    return found[1]
