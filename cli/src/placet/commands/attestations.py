"""`placet attestations`: what a CI job, a red team or a load test has signed about an artifact."""

from pathlib import Path
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.printing.people import Names
from placet.printing.versions import VersionNames
from placet_client.answers.verification import Attestation
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import named_version
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import plain

__all__ = ["attestations"]

attestations = noun("Attestations: upload signed evidence from elsewhere, list it, keep an envelope.")


@attestations.command("list")
def list_attestations(
    version: Annotated[str | None, typer.Argument(metavar="[MODEL/NUMBER]", help="Only about this version's artifact.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first, by any signer: whose signatures count, a plan says."""
    with installation(who) as placet:
        sha256 = None
        if version:
            name = named_version(version, None)
            sha256 = placet.registry.version(name.model, name.number).artifact.sha256
        found = placet.verification.attestations(limit, sha256)
        if as_json:
            return show_json(found.raw)
        names, versions = Names(placet), VersionNames(placet)
        columns: tuple[Column[Attestation], ...] = (
            ("sha256", lambda one: plain(one.sha256)),
            ("says", lambda one: plain(one.predicate_type)),
            ("about", lambda one: ", ".join(map(versions.of_artifact, one.artifacts))),
            ("uploaded by", lambda one: names.of(one.recorded_by)),
            ("at", lambda one: ago(one.recorded_at)),
        )
        show_names(one.sha256 for one in found.items)
        show_table(columns, found.items, "Nothing was attested.")
    if found.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@attestations.command("add")
def add_attestations(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", exists=True, dir_okay=False, readable=True, help="DSSE envelopes.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Upload envelopes, byte for byte. For developers, pipelines and admins.

    Each is an in-toto Statement about the SHA-256 of a registered artifact. The same file again changes nothing. Runs that are requested
    afterwards consider it.
    """
    with installation(who) as placet:
        recorded = [placet.verification.add_attestation(file) for file in files]
    if as_json:
        return show_json([one.raw for one in recorded])
    show_names(one.sha256 for one in recorded)
    for one in recorded:
        show_line(one.sha256)


@attestations.command("save")
def save_envelope(
    sha256: Annotated[str, typer.Argument(metavar="SHA256", help="Of the envelope, in full.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Where to write it.")],
    as_json: AsJson = False,
    who: As = None,
) -> None:
    """Write an envelope to a file, exactly as it was uploaded."""
    with installation(who) as placet:
        envelope = placet.verification.envelope(sha256)
    file.write_bytes(envelope)
    if as_json:
        return show_json({"sha256": sha256, "file": str(file), "bytes": len(envelope)})
    show_names([str(file)])
    show_line(plain(file))
