"""Prints a verification run: what was tried on which data, each check with what was measured, and the verdict."""

from placet.printing.people import Names
from placet_client.answers.verification import Check, Run, RunSummary
from placet_client.printing.errors import show_told_facts
from placet_client.printing.page import Column, show_facts, show_line, show_table, show_warning
from placet_client.printing.times import dated
from placet_client.printing.words import listed, plain

__all__ = ["failed_checks", "show_run", "show_run_facts"]

NOT_MET = frozenset({"FAIL", "ERROR"})


def failed_checks(run: RunSummary) -> str:
    """The blocking checks that were not met, or why there is no result."""
    if run.reason_code:
        return plain(run.reason_code).replace("_", " ")
    return listed(check.check_id for check in run.checks or () if check.status in NOT_MET and check.severity == "blocking")


def show_run_facts(run: Run, version: str, data: str, champion: str, names: Names) -> None:
    """What the run is about; `version`, `data` and `champion` are names."""
    show_facts(
        [
            ("run", plain(run.id)),
            ("version", f"{version} → {plain(run.environment)}"),
            ("artifact", plain(run.artifact_sha256)),
            ("data", data),
            ("compared with", champion),
            ("requested", f"{dated(run.requested_at)} by {plain(names.of(run.requested_by))}"),
            ("ended", dated(run.ended_at)),
            ("attempts", plain(len(run.attempts)) if len(run.attempts) > 1 else ""),
        ]
    )


def show_run(run: Run, names: Names) -> None:
    """The run's checks, or why there is no result."""
    show_line(f"{run.plan.name} version {run.plan.version}", "bold")
    if not run.has_ended:
        place = f" at place {run.place} in the queue" if run.place else ""
        show_line(f"{run.status}{place}, not finished yet; it continues", "bold yellow")
    elif run.status == "errored":
        show_line(f"could not be evaluated: {plain(run.detail)} [{run.reason_code}]", "bold red")
        show_warning(f"  → {plain(run.resolve)}")
        show_told_facts(run.attempts[-1].facts if run.attempts else {})
    elif run.status == "cancelled":
        show_line(f"cancelled by {plain(names.of(run.cancelled_by))}: {plain(run.cancel_reason)}", "bold red")
        show_warning(f"  → {plain(run.resolve)}")
    else:
        show_table(CHECKS, run.checks or (), "It has no check.", narrow=CHECKS_IN_SHORT)
        show_line(f"{run.status} (result {run.result_sha256})", "bold green" if run.status == "passed" else "bold red")
    if run.held_out is False:
        show_warning("warning: not held-out data: the version's lineage names the evaluation data as training data")


def _measured(check: Check) -> str:
    if check.value is None:
        return "—"
    interval = f" ({check.ci[0]:.4g} to {check.ci[1]:.4g})" if check.ci else ""
    counted = check.value.is_integer() and abs(check.value) < 1e15
    return f"{check.value:.0f}{interval}" if counted else f"{check.value:.4g}{interval}"


def _wanted(check: Check) -> str:
    return f"{check.comparator} {check.threshold:.4g}" if check.comparator and check.threshold is not None else ""


def _in_short(check: Check) -> str:
    wanted = f", must be {_wanted(check)}" if _wanted(check) else ""
    because = f"; {plain(check.reason_code).replace('_', ' ')}" if check.reason_code else ""
    measured = "" if check.value is None and not wanted else f"{plain(check.metric)} {_measured(check)}{wanted}"
    return (measured + because).removeprefix("; ")


CHECKS: tuple[Column[Check], ...] = (
    ("check", lambda check: plain(check.check_id)),
    ("kind", lambda check: plain(check.check)),
    ("status", lambda check: plain(check.status)),
    ("metric", lambda check: plain(check.metric)),
    ("measured", _measured),
    ("must be", _wanted),
    ("rows", lambda check: plain(check.n)),
    ("records", lambda check: plain(check.records)),
    ("severity", lambda check: plain(check.severity)),
    ("because", lambda check: plain(check.reason_code).replace("_", " ")),
)
CHECKS_IN_SHORT: tuple[Column[Check], ...] = (
    ("check", lambda check: plain(check.check_id)),
    ("status", lambda check: plain(check.status) if check.severity == "blocking" else f"{plain(check.status)} ({plain(check.severity)})"),
    ("measured", _in_short),
)
