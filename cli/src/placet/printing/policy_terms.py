"""A policy's terms as people read them, and what a new document changes of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from placet_client.printing.times import in_words
from placet_client.printing.words import listed, plain

__all__ = ["changed_terms", "evidence_in_words", "signatures_in_words", "terms_in_words"]

DAY, MINUTE = 86_400, 60

Content = Mapping[str, Any]


def signatures_in_words(content: Content) -> str:
    """`2 × reviewer, 1 × risk-officer or compliance`."""
    return ", ".join(f"{term['count']} × {' or '.join(term['any_of'])}" for term in content["signatures"]) or "none"


def evidence_in_words(content: Content) -> str:
    """What must have been verified."""
    verification = content["evidence"]["verification"]
    if not verification:
        return "none"
    plan = f" by {verification['plan']}" if verification["plan"] else ""
    held_out = ", on held-out data" if verification.get("held_out") == "required" else ""
    return f"verification{plan}, at most {_days(verification['max_age_seconds'])} old{held_out}"


def terms_in_words(content: Content) -> Sequence[tuple[str, str]]:
    """All but mode, signatures and evidence."""
    return [
        ("can't sign", listed(content["separation_of_duties"]["exclude"]).replace("_", " ")),
        ("an approval is valid", _days(content["expires_after_seconds"])),
        ("rationale", plain(content["rationale"])),
        ("lineage", plain(content.get("lineage", "required"))),
        ("a gate's yes is valid", f"{content.get('decision_valid_for_seconds', 900) / MINUTE:g} minutes"),
        ("environment before", _before(content)),
        ("signers must stay", "yes" if content.get("signers_must_stay") else "no"),
        ("when a yes ends", plain(content.get("when_a_yes_ends", "alert")).replace("_", " ")),
        ("break-glass", _break_glass(content.get("break_glass"))),
        ("steps", _steps(content.get("steps", ()))),
    ]


def changed_terms(old: Content, new: Content) -> Iterator[str]:
    """`environment before: nothing → an approval of the same bytes`, for each that differs."""
    for (name, before), (_, after) in zip(_all(old), _all(new), strict=True):
        if before != after:
            yield f"{name}: {before or 'nothing'} → {after or 'nothing'}"


def _all(content: Content) -> Sequence[tuple[str, str]]:
    mode, signatures, evidence = plain(content["mode"]), signatures_in_words(content), evidence_in_words(content)
    return [("mode", mode), ("signatures", signatures), ("evidence", evidence), *terms_in_words(content)]


def _days(seconds: int) -> str:
    return f"{seconds / DAY:g} days"


def _before(content: Content) -> str:
    soak = f", deployed there for {in_words(content['soak_seconds'])}" if content.get("soak_seconds") else ""
    return f"an approval of the same bytes{soak}" if content.get("previous_environment") == "required" else "nothing"


def _steps(steps: Sequence[Mapping[str, Any]]) -> str:
    """`intake (registered), data-review (data-reviewer, within 5 days)`."""
    return ", ".join(_step(step) for step in steps)


def _step(step: Mapping[str, Any]) -> str:
    by = str(step["completed_by"].get("role") or step["completed_by"].get("event")).replace("_", " ")
    owner = "" if step["owner"] == step["completed_by"].get("role") else f", owner {step['owner']}"
    due = f", within {in_words(step['due_after_seconds'])}" if step.get("due_after_seconds") else ""
    return f"{step['name']} ({by}{owner}{due})"


def _break_glass(terms: Mapping[str, Any] | None) -> str:
    """Who may, and for how long; nothing where no person may."""
    if terms is None:
        return ""
    past_no = ", also past a no" if terms.get("overrides_rejection") else ""
    return f"{listed(terms['roles'])}, for at most {terms['for_at_most_seconds'] / 3600:g} hours{past_no}"
