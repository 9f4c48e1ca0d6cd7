"""First plans: what is derived from data, from a signature and from what is said, all as verification-service takes it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from placet.first_plan import Said, first_plan, read_data
from placet_client.answers.registry import Artifact, Column, Lineage, Signature, Version
from placet_client.problems import ClientError
from placet_shared.strict_yaml import parse_document
from placet_verification.api.plan_documents import read_plan

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NUMBERS = Signature(
    inputs=(Column(name="X", type="float32", shape=(None, 2)),), outputs=(Column(name="P", type="float32", shape=(None, 1)),)
)
SAID = Said(inputs=["X"], scores="probabilities", labels="label")


def version(signature: Signature | None = None) -> Version:
    return Version(
        id="v", model_id="m", model_name="Credit risk", number=1,
        artifact=Artifact(sha256="ab", size=1), format="onnx", lineage=Lineage(), signature=signature,
        registered_by="alice", registered_at=NOW,
    )  # fmt: skip


def data(folder: Path, labels: Sequence[Any], header: str = "age,income,y", row: str = "1,2.5,{}") -> Path:
    file = folder / "data.csv"
    file.write_text("\n".join([header, *(row.format(label) for label in labels)]) + "\n", encoding="utf-8")
    return file


def plan_of(file: Path, said: Said = SAID, signature: Signature | None = None, label: str | None = None) -> dict[str, Any]:
    """In the full form that verification-service reads."""
    return read_plan(first_plan("Credit risk", version(signature), read_data(file, label), ["test", "prod"], said))


@pytest.mark.parametrize("signature", [None, NUMBERS], ids=["said", "signature"])
@pytest.mark.parametrize(
    ("labels", "task", "evidence"),
    [
        ([0, 1], "binary", "confusion"),
        (["cat", "dog", "emu"], "multiclass", "confusion"),
        (range(30), "regression", "residuals"),
        ([0.5, 1.5], "regression", "residuals"),
    ],
)
def test_plan_of_every_task_is_complete(
    tmp_path: Path, signature: Signature | None, labels: Sequence[Any], task: str, evidence: str
) -> None:
    found = plan_of(data(tmp_path, labels), Said() if signature else SAID, signature)
    assert (found["task"], found["name"]) == (task, "credit-risk")
    [taken] = found["inputs"]
    assert (taken["name"], taken["columns"], taken["type"]) == ("X", ["age", "income"], "float32")
    assert found["prediction"]["scores"] == ("P" if signature else "probabilities")
    kinds = [check["check"] for check in found["checks"]]
    assert {evidence, "champion", "importance", "dependence", "robustness"} <= set(kinds)
    assert ("signature" in kinds) == (signature is not None)


def test_a_regressions_errors_are_held_against_how_far_its_labels_vary(tmp_path: Path) -> None:
    found = plan_of(data(tmp_path, [100.5, 300.5]))
    [small] = [check for check in found["checks"] if check["id"] == "errors-are-small"]
    assert (small["threshold"], small["severity"]) == (100.0, "advisory")


def test_evidence_fails_nothing(tmp_path: Path) -> None:
    checks = {check["check"]: check["severity"] for check in plan_of(data(tmp_path, [0, 1]))["checks"]}
    assert {checks[name] for name in ("confusion", "error_tree", "importance", "dependence", "robustness", "calibration")} == {"advisory"}


def test_texts_have_inputs_of_their_own(tmp_path: Path) -> None:
    file = data(tmp_path, [0, 1], "age,city,income,y", "1,Rome,2,{}")
    found = plan_of(file, Said(["X", "city"], "P"))
    assert [(one["name"], one["columns"], one["type"]) for one in found["inputs"]] == [
        ("X", ["age", "income"], "float32"), ("city", ["city"], "string"),
    ]  # fmt: skip
    found = plan_of(file, Said(["first=income,age", "words=city"], "P"))
    assert [one["columns"] for one in found["inputs"]] == [["income", "age"], ["city"]]


def test_names_of_a_file_and_its_columns_neither_steer_a_terminal_nor_add_to_the_plan(tmp_path: Path) -> None:
    named = data(tmp_path, [0, 1], '"a\x1b[2J\u009b, #","b\\""\nkind: Policy",no').rename(tmp_path / "x\nkind: Policy\x07.csv")
    text = first_plan("Credit risk", version(), read_data(named, None), ["prod"], SAID)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert (plan := parse_document(text).data)["inputs"][0]["columns"] == ["a\x1b[2J\u009b, #", 'b\\"\nkind: Policy']
    assert plan["dataset"]["label"] == "no"


def test_what_is_said_goes_before_the_signature(tmp_path: Path) -> None:
    found = plan_of(data(tmp_path, [0, 1]), Said(scores="other", labels="decided"), NUMBERS)
    assert (found["prediction"]["scores"], found["prediction"]["labels"], found["inputs"][0]["name"]) == ("other", "decided", "X")


def test_empty_cells_of_numbers_are_nan_and_the_delimiter_is_found(tmp_path: Path) -> None:
    file = data(tmp_path, [0, 1])
    file.write_text(file.read_text(encoding="utf-8") + "1,,0\n", encoding="utf-8")
    assert plan_of(file)["dataset"]["empty"] == "nan"
    found = plan_of(data(tmp_path, [0, 1], "age;income;y", "1;2;{}"))
    assert (found["dataset"]["delimiter"], found["dataset"]["empty"]) == (";", "refuse")


@pytest.mark.parametrize(
    ("said", "told", "advice"),
    [
        (Said(), "without a signature", "--input X --scores probabilities"),
        (Said(inputs=["X"]), "output with the scores is not known", "--scores"),
        (Said(scores="P"), "inputs are not known", "--input X"),
        (Said(["X"], "P"), "would take numbers, and texts too: city", "--input city"),
        (Said(["X=age,nothing"], "P"), "no column nothing", "age, city"),
        (Said(["X=y"], "P"), "no column y besides the label", "age, city"),
        (Said(["X", "Z"], "P"), "Which columns do the inputs X and Z take?", "--input X=COLUMN"),
        (Said(["X=age", "Z=age"], "P"), "Several inputs take the column age", "one input"),
        (Said(["a=age", "b=city", "c"], "P"), "is left for the input c", "--input c=COLUMN"),
        (Said(["X="], "P"), "--input X= names no input", "--input NAME"),
        (Said(["X", "X"], "P"), "--input X names no input", "each name once"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_told_with_what_helps(tmp_path: Path, said: Said, told: str, advice: str) -> None:
    with pytest.raises(ClientError) as refused:
        plan_of(data(tmp_path, [0, 1], "age,city,y", "1,Rome,{}"), said)
    assert told in refused.value.detail
    assert advice in (refused.value.resolve or "")


@pytest.mark.parametrize(
    ("labels", "label", "told"),
    [
        ([], None, "no rows"),
        ([1], None, "one value in all rows"),
        ([1.5, 1.5], None, "one value in all rows"),
        (["x"], None, "one value in all rows"),
        ([f"t{number}" for number in range(30)], None, "more than 20 values that are no numbers"),
        (["", 1], None, "has empty cells"),
        ([0, 1], "nothing", "has no column nothing"),
    ],
)
def test_a_label_that_is_none_is_told(tmp_path: Path, labels: Sequence[Any], label: str | None, told: str) -> None:
    with pytest.raises(ClientError) as refused:
        plan_of(data(tmp_path, labels), label=label)
    assert told in refused.value.detail


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ClientError, match="UTF-8"):
        read_data(tmp_path / "data.csv", None)
