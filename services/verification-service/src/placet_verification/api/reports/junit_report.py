"""A run as JUnit XML (the form that Jenkins, GitLab and GitHub read): a test case for each check."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from placet_verification.api.reports.svg.marks import NOT_XML
from placet_verification.queries.runs import RunView

__all__ = ["junit_report"]


def junit_report(run: RunView) -> bytes:
    """UTF-8. A check that fails the run is a failure, one without a verdict an error, one that does not apply is skipped; an advisory
    check never fails. A run that could not be evaluated, or was cancelled, is one error."""
    checks: Sequence[Mapping[str, Any]] = run.checks or ()
    suite = ElementTree.Element("testsuite", name=f"{run.plan['name']} version {run.plan['version']}", timestamp=_time(run))
    properties = ElementTree.SubElement(suite, "properties")
    facts = {"run": run.id, "model": run.model_id, "version": run.version_id, "environment": run.environment}
    for name, value in {**facts, "artifact_sha256": run.artifact_sha256, "result_sha256": run.result_sha256 or ""}.items():
        ElementTree.SubElement(properties, "property", name=name, value=value)
    counted = {"failure": 0, "error": 0, "skipped": 0}
    for check in checks:
        _case(suite, run, check, counted)
    if run.status in ("errored", "cancelled"):
        case = ElementTree.SubElement(suite, "testcase", name="evaluation", classname=str(run.plan["name"]))
        _outcome(case, "error", run.reason_code or run.status, f"{run.detail} {run.resolve}", counted)
    suite.set("tests", str(len(suite.findall("testcase"))))
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(counted[kind]))
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _case(suite: ElementTree.Element, run: RunView, check: Mapping[str, Any], counted: dict[str, int]) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", name=str(check["check_id"]), classname=f"{run.plan['name']}.{check.get('check', 'metric')}"
    )
    said = _said(check)
    if check["status"] == "NOT_APPLICABLE":
        return _outcome(case, "skipped", str(check["reason_code"]), said, counted)
    if check["severity"] == "blocking" and check["status"] == "FAIL":
        return _outcome(case, "failure", str(check["reason_code"]), said, counted)
    if check["severity"] == "blocking" and check["status"] in ("ERROR", "INSUFFICIENT_DATA"):
        return _outcome(case, "error", str(check["reason_code"]), said, counted)
    ElementTree.SubElement(case, "system-out").text = _sound(said)
    return None


def _outcome(case: ElementTree.Element, kind: str, message: str, said: str, counted: dict[str, int]) -> None:
    counted[kind] += 1
    ElementTree.SubElement(case, kind, message=_sound(message), type=_sound(message)).text = _sound(said)


def _said(check: Mapping[str, Any]) -> str:
    value = "nothing measured" if check["value"] is None else f"{check['metric']} {check['value']:.6g}"
    interval = f" ({check['ci'][0]:.6g} to {check['ci'][1]:.6g})" if check["ci"] else ""
    wanted = f", must be {check['comparator']} {check['threshold']:.6g}" if check["comparator"] and check["threshold"] is not None else ""
    return f"{check['status']}, {check['severity']}: {value}{interval}{wanted}"


def _time(run: RunView) -> str:
    return (run.ended_at or run.requested_at).isoformat(timespec="seconds")


def _sound(text: str) -> str:
    return text.translate(NOT_XML)
