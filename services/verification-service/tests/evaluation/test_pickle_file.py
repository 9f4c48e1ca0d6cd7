"""Pickles: those whose imports the plan lists predict as the estimator does; every trick to reach more is refused.

The attacks write opcodes by hand, since no pickler would.
"""

import copyreg
import io
import os
import pickle
import pickletools
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from placet_verification.adapters.evaluation.gates.pickle_file import NEVER, allowed_globals, refuse_unsafe
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.pickle_session import open_session, preload
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.ports import Refusal

from .. import builders
from ..attacks import COMPLETE, ONLY_LANDLOCK, ONLY_SECCOMP
from ..estimators import CLASSIFIERS, fitted, fitted_forest
from ..tree_models import ROWS

RULES = builders.plan()["artifact"]
MATRIX = ROWS.astype(np.float64)
LISTED = ["sklearn.linear_model._logistic.LogisticRegression", "collections.OrderedDict", "copyreg._reconstructor"]
WITH_LIST = RULES | {"allow_globals": LISTED}
PROTO = b"\x80\x04"


def refused(raw: bytes, **rules: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        refuse_unsafe(raw, WITH_LIST | rules)
    return caught.value


def passes(raw: bytes, **rules: Any) -> bool:
    """Whether the gate lets it through; by no list unless one is given."""
    try:
        refuse_unsafe(raw, RULES | rules)
    except Refused:
        return False
    return True


def imports_of(raw: bytes) -> list[str]:
    """What a plan has to list for this pickle, as its refusal tells."""
    return list(refused(raw, allow_globals=[]).facts["globals"])


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def found(module: str, name: str) -> bytes:
    """STACK_GLOBAL of two constants."""
    return text(module) + text(name) + b"\x93"


def called(module: str, name: str, *arguments: str) -> bytes:
    return found(module, name) + b"(" + b"".join(text(one) for one in arguments) + b"tR"


RUN = text("true") + b"\x85R."
ESTIMATOR = found("sklearn.linear_model._logistic", "LogisticRegression") + b")\x81"


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize("name", ["regression", "scaled", "calibrated", "by column", "one column a value"])
def test_an_estimator_predicts_as_it_does_itself(name: str, protocol: int) -> None:
    estimator = fitted(CLASSIFIERS[name])
    raw = pickle.dumps(estimator, protocol)
    listed = imports_of(raw)
    refuse_unsafe(raw, RULES | {"allow_globals": listed})
    session = open_session(raw, builders.plan(artifact={"allow_pickle": True, "allow_globals": listed}))
    assert np.array_equal(session.run([], {"X": MATRIX})[0], estimator.predict_proba(MATRIX))


def test_each_import_of_an_honest_pickle_has_to_be_listed() -> None:
    raw = pickle.dumps(fitted_forest())
    listed = imports_of(raw)
    assert len(listed) > 4
    for missing in listed:
        rest = [name for name in listed if name != missing]
        assert refused(raw, allow_globals=rest).facts == {"globals": [missing]}
        with pytest.raises(Refused) as caught:
            open_session(raw, builders.plan(artifact={"allow_pickle": True, "allow_globals": rest}))
        assert caught.value.reason_code == "global_not_allowed"


class Running:
    """What attackers try first."""

    def __reduce__(self) -> Any:
        return os.system, ("true",)


class Evaluating:
    def __reduce__(self) -> Any:
        return eval, ("1",)


class Attributes:
    """`operator.attrgetter` leads from anything that is listed to everything else."""

    def __reduce__(self) -> Any:
        import operator

        return operator.attrgetter("__class__.__base__.__subclasses__"), (LogisticRegression(),)


UNLISTED = {
    "a command": (pickle.dumps(Running()), ["posix.system"]),
    "a command, by the oldest protocol": (pickle.dumps(Running(), 0), ["posix.system"]),
    "an expression": (pickle.dumps(Evaluating()), ["builtins.eval"]),
    "an expression, by an older protocol's name": (pickle.dumps(Evaluating(), 2), ["__builtin__.eval"]),
    "getattr": (PROTO + called("builtins", "getattr", "a", "b") + b".", ["builtins.getattr"]),
    "getattr by copyreg": (PROTO + called("copyreg", "__newobj__", "a") + b".", ["copyreg.__newobj__"]),
    "a reader of files": (PROTO + called("numpy", "load", "/etc/passwd") + b".", ["numpy.load"]),
    "a reader of pickles": (PROTO + called("pickle", "loads", "x") + b".", ["pickle.loads"]),
    "a command that is thrown away": (PROTO + called("os", "system", "true") + b"0" + ESTIMATOR + b".", ["os.system"]),
    "a command by INST": (b"(S'true'\nios\nsystem\n.", ["os.system"]),
    "a command by OBJ": (b"(cos\nsystem\nS'true'\no.", ["os.system"]),
    "a command by GLOBAL": (b"cos\nsystem\n(S'true'\ntR.", ["os.system"]),
    "a command by NEWOBJ": (PROTO + found("os", "system") + text("true") + b"\x85\x81.", ["os.system"]),
    "a command by NEWOBJ_EX": (PROTO + found("os", "system") + text("true") + b"\x85}\x92.", ["os.system"]),
    "a name by the memo": (PROTO + text("os") + b"\x94" + text("system") + b"\x9400h\x00h\x01\x93" + RUN, ["os.system"]),
    "a class that is never called": (PROTO + ESTIMATOR + b"}" + text("a") + found("subprocess", "Popen") + b"sb.", ["subprocess.Popen"]),
}


@pytest.mark.parametrize(("raw", "names"), UNLISTED.values(), ids=UNLISTED.keys())
def test_an_import_that_is_not_listed_is_refused_by_gate_and_reader(raw: bytes, names: list[str]) -> None:
    finding = refused(raw)
    assert finding.reason_code == "global_not_allowed"
    assert finding.facts["globals"] == [name for name in names if name not in LISTED]
    with pytest.raises(Refused) as caught:
        open_session(raw, builders.plan(artifact={"allow_pickle": True, "allow_globals": LISTED}))
    assert caught.value.reason_code == "global_not_allowed"


RUNNING = ["os.system", "posix.system", "builtins.eval", "builtins.getattr", "operator.attrgetter", "functools.partial", "pickle.loads"]


@pytest.mark.parametrize("name", [*RUNNING, "numpy.load"])
def test_what_runs_code_is_on_no_list_whatever_the_plan_says(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert name not in allowed_globals({"allow_globals": [name]})
    assert refused(PROTO + called(module, attribute, "x") + b".", allow_globals=[name]).facts == {"globals": [name]}


def test_a_plan_may_list_containers_of_the_builtins() -> None:
    assert "builtins" in NEVER
    assert allowed_globals({"allow_globals": ["builtins.set", "builtins.eval"]}) == {"builtins.set"}


TRICKS = {
    "a name that is computed": PROTO + text("os") + called("collections", "OrderedDict") + b"\x93.",
    "a name that is a list": PROTO + text("os") + b"]\x93.",
    "a name that is bytes": PROTO + text("os") + b"C\x06system\x93.",
    "a name that is an old text": PROTO + text("os") + b"S'system'\n\x93.",
    "a name through attributes": PROTO + found("collections", "OrderedDict.fromkeys.__globals__") + b")R.",
    "a module by another spelling": PROTO + found("sklearn.linear_model._logistic ", "os.system") + b")R.",
    "a name with a space": b"csklearn linear_model\nx y\n)R.",
    "no name": PROTO + found("os", "") + b")R.",
    "a call of what a call gave": PROTO + called("collections", "OrderedDict") + b")R.",
    "a call of a text": PROTO + text("os.system") + b")R.",
    "a call of a constant": PROTO + b"K\x01)R.",
    "a call with no tuple": PROTO + found("collections", "OrderedDict") + b"]R.",
    "a call by names that are no dictionary": PROTO + found("collections", "OrderedDict") + b")K\x01\x92.",
    "OBJ of a text": b"(S'os'\nS'system'\no.",
    "OBJ of nothing": b"(o.",
    "another class": PROTO + found("sklearn.linear_model._logistic", "LogisticRegression") + b"}" + text("fit") + b"K\x01sb.",
    "items of a class": PROTO + found("collections", "OrderedDict") + text("a") + b"K\x01s.",
    "more for a class": PROTO + found("collections", "OrderedDict") + b"K\x01a.",
    "more for a text": PROTO + text("a") + b"(K\x01e.",
    "a place of the memo that was not written": PROTO + b"h\x07.",
    "a place of the memo out of order": PROTO + b"K\x01q\x05.",
    "a place of the memo far away": PROTO + b"K\x01r\xff\xff\xff\x7f.",
    "a place of the memo below": b"I1\np-1\n.",
    "a place of the memo twice": PROTO + text("os") + b"q\x00" + text("system") + b"q\x00\x93.",
    "a mark in the memo": PROTO + b"(\x94.",
    "the empty stack in the memo": PROTO + b"\x94.",
    "a persistent id": b"Pos.system\n.",
    "a persistent id from the stack": PROTO + text("os.system") + b"Q.",
    "the extension registry": PROTO + b"\x82\x01.",
    "the extension registry, farther": PROTO + b"\x83\x01\x01.",
    "the extension registry, farthest": PROTO + b"\x84\x01\x01\x01\x01.",
    "a buffer from outside": b"\x80\x05\x97.",
    "a chain of attributes": pickle.dumps(Attributes()),
    "a copy": PROTO + b"K\x012\x86.",
    "a beginning in the middle": PROTO + b"K\x01" + PROTO + b".",
    "another beginning": b"\x80\x09K\x01.",
    "nothing at the end": PROTO + b".",
    "more than one object at the end": PROTO + b"K\x01K\x02.",
    "a mark at the end": PROTO + b"(.",
    "an import at the end": PROTO + found("collections", "OrderedDict") + b".",
    "too few objects": PROTO + b"R.",
    "too few objects for a tuple": PROTO + b"K\x01\x86.",
    "too few objects above a mark": PROTO + b"(K\x01\x86.",
    "no mark": PROTO + b"K\x01t.",
    "a pickle inside": PROTO + b"C" + bytes([len(inner := pickle.dumps(Running()))]) + inner + b".",
    "a pickle inside an old text": b"S'cos\\nsystem\\n(tR.'\n.",
    "an array that holds a pickle": pickle.dumps({"state": pickle.dumps(Running(), 0)}),
}


@pytest.mark.parametrize("raw", TRICKS.values(), ids=TRICKS.keys())
def test_what_no_pickler_writes_is_refused(raw: bytes) -> None:
    assert refused(raw).reason_code == "pickle_malformed"


def test_the_extension_registry_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another library of the worker may have put anything there."""
    monkeypatch.setitem(copyreg._inverted_registry, 1, ("os", "system"))  # type: ignore[attr-defined]
    raw = PROTO + b"\x82\x01" + text("true") + b"\x85R."
    assert refused(raw).facts["opcode"] == "EXT1"
    with pytest.raises(Refused) as caught:
        open_session(raw, builders.plan(artifact={"allow_pickle": True, "allow_globals": LISTED}))
    assert caught.value.facts == {"globals": ["os.system"]}


HONEST = pickle.dumps(fitted(CLASSIFIERS["regression"]))
NO_PICKLE = {
    "nothing": b"",
    "words": b"not a model",
    "no end": HONEST[:-1],
    "bytes after the end": HONEST + b"x",
    "two pickles": HONEST + HONEST,
    "a length beyond the end": PROTO + b"\x8e" + b"\xff" * 7 + b"\x7f.",
    "an opcode that there is not": PROTO + b"\xff.",
    "a module that is no text": b"c\xff\xfe\nsystem\n.",
    "a number that is none": b"Ix\n.",
}


@pytest.mark.parametrize("raw", NO_PICKLE.values(), ids=NO_PICKLE.keys())
def test_what_is_no_single_pickle_is_refused(raw: bytes) -> None:
    assert refused(raw).reason_code == "not_pickle"


def test_every_cut_of_an_honest_pickle_is_refused() -> None:
    for end in range(len(HONEST)):
        assert refused(HONEST[:end]).reason_code == "not_pickle"


def test_an_optimised_pickle_passes_by_the_same_list() -> None:
    shorter = pickletools.optimize(HONEST)
    assert shorter != HONEST
    allowed = imports_of(HONEST)
    assert passes(shorter, allow_globals=allowed)
    assert not passes(shorter, allow_globals=allowed[1:])


def test_a_pickle_in_a_zip_or_with_a_zip_is_refused() -> None:
    out = io.BytesIO()
    with __import__("zipfile").ZipFile(out, "w") as archive:
        archive.writestr("data.pkl", HONEST)
    assert refused(out.getvalue()).reason_code == "two_formats"
    assert refused(HONEST, max_bytes=len(HONEST) - 1).reason_code == "artifact_too_large"


def test_arrays_whose_bytes_look_like_a_pickle_are_data() -> None:
    state = bytes([0x80, 4]) + bytes(100) + b"."
    assert passes(pickle.dumps([state, b".", b"", np.frombuffer(state, dtype=np.uint8).tobytes()]))
    assert not passes(pickle.dumps([state, pickle.dumps(len)]))


@pytest.mark.parametrize("confinement", [ONLY_LANDLOCK, ONLY_SECCOMP], ids=["Landlock", "seccomp"])
async def test_a_pickle_is_loaded_in_the_complete_confinement_alone(tmp_path: Path, confinement: Any) -> None:
    allowing = builders.plan(artifact={"allow_pickle": True, "allow_globals": imports_of(HONEST)})
    one = builders.trial(tmp_path, HONEST, builders.labelled_rows(), allowing, format_="sklearn-pickle")
    report = await Sandbox(30, 512, builders.CHILDREN, probe=lambda: confinement).evaluate(one)
    assert report.finding == Refusal("confinement_incomplete", {"format": "sklearn-pickle"})


async def test_a_plan_has_to_allow_pickles_even_to_look_at_a_signature(tmp_path: Path) -> None:
    silent = builders.plan(artifact={"allow_globals": imports_of(HONEST)})
    one = builders.trial(tmp_path, HONEST, builders.labelled_rows(), silent, format_="sklearn-pickle")
    assert (await builders.evaluated(one)).finding == Refusal("pickle_not_allowed", {"format": "sklearn-pickle"})
    signature: dict[str, Any] = {"inputs": [], "outputs": []}
    document = builders.plan_without_data(artifact={"allow_globals": imports_of(HONEST)})
    two = builders.trial(tmp_path, HONEST, None, document, signature, format_="sklearn-pickle")
    found_here = builders.evaluation_of(await builders.evaluated(two))
    assert found_here.measured["safety"]["reason_code"] is None
    assert found_here.measured["signature"]["reason_code"] == "pickle_not_allowed"


async def test_a_pickle_is_tried_in_the_confined_child(tmp_path: Path) -> None:
    assert COMPLETE.seccomp
    for name in ("calibrated", "by column"):
        raw = pickle.dumps(fitted(CLASSIFIERS[name]))
        document = builders.plan(artifact={"allow_pickle": True, "allow_globals": imports_of(raw)})
        one = builders.trial(tmp_path, raw, builders.labelled_rows(), document, format_="sklearn-pickle")
        assert builders.evaluation_of(await builders.evaluated(one)).measured["roc_auc"]["value"] > 0.8


def test_a_global_of_the_plan_that_there_is_not_ends_the_run() -> None:
    with pytest.raises(Refused) as caught:
        preload({"allow_globals": ["library_of_nobody.Type"]})
    assert caught.value.facts == {"format": "sklearn-pickle", "library": "library_of_nobody"}
