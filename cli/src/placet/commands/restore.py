"""`placet restore`: events that approval-service lost when it was restored from a copy, and declaring a restore of all services."""

from typing import Annotated

import typer

from placet.commands.listing import noun
from placet.commands.up import DataDir
from placet.printing.subjects import SubjectNames
from placet_client import SERVICES
from placet_client.answers.restores import LostAct
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_line, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import plain
from placet_shared.settings import default_data_dir

__all__ = ["restore"]

restore = noun("After a restore from a copy: see what approval-service lost, apply lost revocations, declare a restore.")

Reason = Annotated[str, typer.Option("--reason", "-r", help="Why it is right to lift the denial.")]
Incomplete = Annotated[bool, typer.Option("--incomplete", help="Apply although the audit log does not have all that was lost.")]


@restore.command("show")
def show_lost(who: As = None, as_json: AsJson = False) -> None:
    """Events that its followers and the audit log have, and approval-service lost. For auditors and admins."""
    with installation(who) as placet:
        lost = placet.approval.lost_history()
        if as_json:
            return show_json(lost.raw)
        show_table(_columns(SubjectNames(placet)), lost.events, "Nothing that the audit log has was lost.")
    for branch in lost.branches:
        note(f"{plain(branch.told_by)} has event {plain(branch.event_id)} at position {plain(branch.position)}, which is lost.")
    if not lost.complete:
        note("The audit log has not listed all of it: the gate denies everything meanwhile.")
    if lost.branches or lost.events:
        note("When you have reviewed it: placet restore apply --reason …")


@restore.command("apply")
def apply_lost(reason: Reason, incomplete: Incomplete = False, who: As = None, as_json: AsJson = False) -> None:
    """Apply lost revocations again, by new events, and lift the denial. For admins, who are responsible for the rest."""
    with installation(who) as placet:
        reviewed = placet.approval.apply_lost_history(reason, incomplete=incomplete)
    if as_json:
        return show_json(reviewed.raw)
    show_line(
        f"{plain(reviewed.applied)} of {plain(reviewed.lost)} lost acts were applied again; "
        f"{plain(reviewed.offered)} are left to you. The gate decides again."
    )


@restore.command("declare")
def declare_restore(data_dir: DataDir = None) -> None:
    """Declare that all services were restored together: each opens a new epoch. On the machine where Placet runs.

    When every store of a machine is restored at once no service can notice it, and what was revoked since is in force again: look
    through other records of that time.
    """
    from placet.supervisor.rebuilding import run_act  # only this command needs it, and it takes a while to load

    raise typer.Exit(max(run_act(data_dir or default_data_dir(), service, ["declare-restore"]) for service in SERVICES))


def _columns(names: SubjectNames) -> tuple[Column[LostAct], ...]:
    return (
        ("position", lambda one: plain(one.position)),
        ("type", lambda one: plain(one.type)),
        ("about", lambda one: plain(names.of(one.subject))),
        ("by", lambda one: plain(names.of(one.actor))),
        ("recorded", lambda one: ago(one.recorded_at)),
        ("apply", lambda one: "applies it again" if one.how == "applied" else "leaves it to you"),
    )
