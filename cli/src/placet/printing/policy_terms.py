"""A policy's terms as people read them, and what a new document changes of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from placet_client.answers.policies import RaisingPolicy
from placet_client.printing.times import in_words
from placet_client.printing.words import listed, plain

__all__ = [
    "all_terms",
    "because",
    "called",
    "changed_terms",
    "changes",
    "evidence_in_words",
    "signatures_in_words",
    "terms_in_words",
]

DAY, MINUTE = 86_400, 60
DEADLINES = {"remind_after_seconds": "remind", "escalate_after_seconds": "escalate", "expire_after_seconds": "end"}

Content = Mapping[str, Any]


def signatures_in_words(content: Content) -> str:
    """`2 × reviewer, 1 × risk-officer or compliance`."""
    return ", ".join(f"{term['count']} × {' or '.join(term['any_of'])}" for term in content.get("signatures", ())) or "none"


def evidence_in_words(content: Content) -> str:
    """What must have been verified."""
    verification = content.get("evidence", {}).get("verification")
    if not verification:
        return "none"
    plan = f" by {verification['plan']}" if verification["plan"] else ""
    held_out = ", on held-out data" if verification.get("held_out") == "required" else ""
    return f"verification{plan}, at most {_days(verification['max_age_seconds'])} old{held_out}"


def terms_in_words(content: Content) -> Sequence[tuple[str, str]]:
    """All but mode, signatures and evidence; of a floor what it does not name is left out."""
    floor = _is_floor(content)
    excluded, valid, used = (content.get(name) for name in ("separation_of_duties", "expires_after_seconds", "decision_valid_for_seconds"))
    return [
        ("can't sign", listed(excluded["exclude"]).replace("_", " ") if excluded else ""),
        ("an approval is valid", _days(valid) if valid else ""),
        ("rationale", plain(content.get("rationale", ""))),
        ("lineage", plain(content.get("lineage", "" if floor else "required"))),
        ("a gate's yes is valid", "" if floor and not used else f"{(used or 900) / MINUTE:g} minutes"),
        ("environment before", "" if floor and not content.get("previous_environment") else _before(content)),
        ("signers must stay", "yes" if content.get("signers_must_stay") else "" if floor else "no"),
        ("when a yes ends", "" if floor else plain(content.get("when_a_yes_ends", "alert")).replace("_", " ")),
        ("break-glass", _break_glass(content.get("break_glass"))),
        *_process(content),
        ("steps", _steps(content.get("steps", ()))),
    ]


def _is_floor(content: Content) -> bool:
    """A policy always names these."""
    return not {"separation_of_duties", "expires_after_seconds", "rationale"} <= content.keys()


def called(name: str | None, kind: str) -> str:
    """`credit`, `bank (floor)`; `its own` for the environment's, which has no name."""
    return "its own" if name is None else f"{plain(name)} (floor)" if kind == "floor" else plain(name)


def because(raising: RaisingPolicy) -> str:
    """Why a policy raises another one."""
    match raising.because:
        case "same_bytes":
            return "the same bytes in another model" if raising.model_id else raising.policy.entry
        case "as_specific":
            return f"{raising.policy.entry}, which is as specific"
        case _:
            return raising.policy.entry


def changes(raising: RaisingPolicy) -> Iterator[str]:
    """`expires after: 90 days → 30 days`, for each term that it raises."""
    for change in raising.changes:
        yield f"{_field(change.field)}: {_value(change.field, change.old)} → {_value(change.field, change.new)}"


def _field(name: str) -> str:
    return name.removesuffix("_seconds").replace("_", " ")


def _value(field: str, value: Any) -> str:
    if value is None:
        return "as by default"
    if field.endswith("_seconds"):
        return in_words(value)
    match field:
        case "signatures":
            return signatures_in_words({"signatures": value})
        case "evidence":
            return evidence_in_words({"evidence": value})
        case "separation_of_duties":
            return listed(value["exclude"]).replace("_", " ")
        case "feedback":
            return ", ".join(f"{term['count']} × {term['group']}" for term in value)
        case "break_glass":
            return _break_glass(value)
        case _:
            return plain(value) if isinstance(value, str) else "yes" if value is True else json.dumps(value)


def _process(content: Content) -> Sequence[tuple[str, str]]:
    """How people come to a decision; what is not asked for has no words."""
    waivers, deadlines = content.get("waivers"), content.get("deadlines", {})
    times = [f"{verb} after {in_words(deadlines[name])}" for name, verb in DEADLINES.items() if name in deadlines]
    groups = [
        f"{term['count']} × {plain(term['group'])} ({' or '.join(map(plain, term['any_of']))})" for term in content.get("feedback", ())
    ]
    to = f" to {plain(deadlines['escalate_to'])}" if "escalate_to" in deadlines else ""
    return [
        ("feedback", ", ".join(groups)),
        ("order", "signatures in sequence" if content.get("in_sequence") else ""),
        ("findings", "held until they are waived" if content.get("findings") == "held" else ""),
        ("waivers", f"{listed(waivers['any_of'])}, for at most {in_words(waivers['for_at_most_seconds'])}" if waivers else ""),
        ("deadlines", ", ".join(times).replace("escalate", f"escalate{to}") + _working_days(deadlines)),
        ("a review", f"{in_words(content['review_before_seconds'])} before the end" if "review_before_seconds" in content else ""),
        ("owner", plain(content.get("owner"))),
    ]


def _working_days(deadlines: Content) -> str:
    calendar = deadlines.get("calendar")
    if not calendar:
        return ""
    holidays = f", without {listed(calendar['holidays'])}" if calendar["holidays"] else ""
    return f", on {listed(calendar['working_days'])} in {plain(calendar['time_zone'])}{holidays}"


def changed_terms(old: Content, new: Content) -> Iterator[str]:
    """`environment before: nothing → an approval of the same bytes`, for each that differs."""
    for (name, before), (_, after) in zip(all_terms(old), all_terms(new), strict=True):
        if before != after:
            yield f"{name}: {before or 'nothing'} → {after or 'nothing'}"


def all_terms(content: Content) -> Sequence[tuple[str, str]]:
    """Each with its name."""
    mode, signatures, evidence = plain(content.get("mode", "")), signatures_in_words(content), evidence_in_words(content)
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
