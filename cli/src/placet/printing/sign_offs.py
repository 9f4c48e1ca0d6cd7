"""Prints a sign-off with all that a signer needs: what it binds, the evidence, the signatures, the comments."""

from collections.abc import Iterator

from placet.printing.evidence import Gathered
from placet.printing.people import Names
from placet.printing.steps import in_words
from placet_client.answers.sign_offs import Act, Holder, PossibleSigner, Signature, SignOff, SignOffSummary, StandingNo
from placet_client.printing.page import Column, show_facts, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import listed, plain

__all__ = ["in_short", "progress", "show_acts", "show_sign_off"]


def progress(sign_off: SignOffSummary) -> str:
    """What a pending one waits for: feedback, issues and findings, which only a whole sign-off tells apart; changes; signatures."""
    if sign_off.state != "pending":
        return ""
    if sign_off.phase == "in_feedback":
        return _held_by(sign_off) if isinstance(sign_off, SignOff) else "feedback or issues"
    if sign_off.phase == "changes_requested":
        return "changes"
    short = (term for term in sign_off.progress if term.have < term.need)
    return ", ".join(f"{term.need - term.have} × {' or '.join(term.any_of)}" for term in short)


def _held_by(sign_off: SignOff) -> str:
    waited = [f"feedback of {plain(group.group)}" for group in sign_off.groups if group.have < group.need]
    holding = [issue for issue in sign_off.issues if issue.holds]
    findings = [issue for issue in holding if issue.finding]
    held = [
        f"{what} of {number} {kind}{'' if number == 1 else 's'}"
        for what, kind, number in (
            ("waiver", "finding", len(findings)),
            ("resolution or waiver", "issue", len(holding) - len(findings)),
        )
        if number
    ]
    return ", ".join(waited + held) or "feedback"


def in_short(sign_off: SignOffSummary) -> str:
    """What it is about and how it stands, in one sentence."""
    about = f"{plain(sign_off.model or sign_off.model_id)}/{plain(sign_off.number)} → {plain(sign_off.environment)}"
    state = "expired" if sign_off.expired else plain(sign_off.state)
    missing = f", missing {progress(sign_off)}" if progress(sign_off) else ""
    asked = f"requested {ago(sign_off.requested_at)} by {_holder(sign_off.requester)}"
    return f"{about}: {state}, {sign_off.have} of {sign_off.need} signed{missing}; {asked}"


def show_sign_off(sign_off: SignOff, gathered: Gathered, names: Names) -> None:
    """What it is about, how it stands, and the people in it."""
    show_facts(_facts(sign_off, gathered, names))


def show_acts(sign_off: SignOff) -> None:
    """All acts and comments, in order."""
    show_table(ACTS, sign_off.acts, "Nothing was said.")


def _holder(holder: Holder) -> str:
    return plain(holder.name or holder.id)


def _said(act: Act | StandingNo) -> str:
    said = act.said
    if said is None:
        return ""
    return f"(erased; {said.hmac[:12]})" if said.erased else plain(said.text)


ACTS: tuple[Column[Act], ...] = (
    ("when", lambda act: ago(act.at)),
    ("who", lambda act: _holder(act.by) + (f" for {_holder(act.on_behalf_of)}" if act.on_behalf_of else "")),
    ("as", lambda act: plain(act.role)),
    ("did", lambda act: plain(act.act).replace("_", " ")),
    ("said", _said),
)


def _facts(sign_off: SignOff, gathered: Gathered, names: Names) -> Iterator[tuple[str, str]]:
    binds, version = sign_off.binds, gathered.version
    yield "version", f"{plain(sign_off.model or sign_off.model_id)} {plain(sign_off.number)} → {sign_off.environment}"
    yield "sign-off", plain(sign_off.id)
    yield "release", plain(sign_off.release_id)
    yield "state", "expired" if sign_off.expired else plain(sign_off.state)
    yield "valid until", dated(sign_off.expires_at)
    yield "signed", f"{sign_off.have} of {sign_off.need}"
    yield "missing", progress(sign_off)
    yield "may sign", "\n".join(map(_possible, sign_off.can_sign))
    yield "by", listed(map(_signature, sign_off.signatures))
    yield from _rounds(sign_off)
    if version is not None:
        yield "registered by", plain(names.of(version.registered_by))
        yield "trained by", listed(names.of(person) for person in version.lineage.trained_by) or "(none named)"
        yield "data prepared by", listed(names.of(person) for person in version.lineage.prepared_by) or "(none named)"
    yield "artifact", plain(binds.artifact_sha256)
    for bound in binds.evidence:
        yield "result", f"{plain(bound.result_sha256)} by {plain(bound.plan or 'a plan')} version {plain(bound.version)}"
    yield "policy", f"version {binds.policy.get('version')}"
    for run in sign_off.evidence:
        yield "evidence", f"{'passed' if run.passed else 'failed'} {plain(run.plan)} at {dated(run.finished_at)}"
        if run.held_out is False:
            yield "warning", f"{plain(run.plan)} measured on data that the lineage names as training data: not held out"
    yield "same bytes", _same_bytes(sign_off)
    for no in sign_off.noes:
        yield "said no to", _no(no)
    for claim in sign_off.contested:
        yield "contested", f"{names.of(claim.person_id)} is said by {names.of(claim.claimed_by)} to be {claim.because.replace('_', ' ')}"
    if changed := sign_off.invalidated:
        yield "invalidated", f"{changed.field.replace('_', ' ')} was {plain(changed.old)}, is {plain(changed.new)}"
    yield (
        "can't sign",
        "\n".join(f"{plain(_name(sign_off, person, names))}: {listed(because)}" for person, because in sign_off.excluded.items()),
    )


def _rounds(sign_off: SignOff) -> Iterator[tuple[str, str]]:
    if sign_off.round > 1:
        yield "round", str(sign_off.round)
    if sign_off.state == "pending" and sign_off.ends_at:
        yield "decide until", dated(sign_off.ends_at)
    for group in sign_off.groups:
        answers = [f"{_holder(one.by)}: {one.verdict.replace('_', ' ')}" for one in sign_off.feedback if one.group == group.group]
        yield "feedback", f"{plain(group.group)}, {group.have} of {group.need} {listed(answers) and f'({listed(answers)})'}".rstrip()
    for issue in sign_off.issues:
        until = f" until {dated(issue.waived_until)}" if issue.waived_until else ""
        said = plain(issue.said.text) if issue.said and issue.said.text else ""
        said = said or (f"see sign-off {issue.carried_from}" if issue.carried_from else "")
        holds = ", holds the approval" if issue.holds and sign_off.state == "pending" else ""
        who = f"{plain(issue.group)}: {said}" if issue.finding is None else f"found by {plain(issue.finding)}"
        yield "issue", f"{plain(issue.id)} {issue.severity}, {issue.state}{until}{holds}, {who}"
    for step in sign_off.steps:
        by = f", by {_holder(step.by)}" if step.by and step.state == "complete" else ""
        yield "step", f"{plain(step.name)} {in_words(step)}{by}, owner {plain(step.owner)}"
    for condition in sign_off.conditions:
        said = plain(condition.said.text) if condition.said and condition.said.text else ""
        state = "met" if condition.met else f"due {dated(condition.due_at)}"
        yield "condition", f"{plain(condition.id)} {state}, {_holder(condition.owner)}: {said}"


def _signature(signature: Signature) -> str:
    place = f" for {_holder(signature.on_behalf_of)}" if signature.on_behalf_of else ""
    return f"{_holder(signature.by)}{place} ({signature.role}{'' if signature.counts else ', does not count'})"


def _possible(one: PossibleSigner) -> str:
    place = f" for {_holder(one.on_behalf_of)}" if one.on_behalf_of else ""
    back = f" until {dated(one.back_at)}" if one.back_at else ""
    return f"{_holder(one.person)}{place} ({listed(one.roles)}{f'; absent{back}' if one.absent else ''})"


def _same_bytes(sign_off: SignOff) -> str:
    shown = [f"{plain(one.model or one.model_id)} {one.number}" for one in sign_off.same_bytes[:10]]
    more = sign_off.same_bytes_in_all - len(shown)
    return listed([*shown, *([f"{more} more"] if more > 0 else [])])


def _no(no: StandingNo) -> str:
    version = f"{plain(no.model or no.model_id)} {plain(no.number)}"
    return f"{version}, {no.kind} at {dated(no.at)} by {_holder(no.by)}: {_said(no)}{'' if no.answered else ' (not answered)'}"


def _name(sign_off: SignOff, person_id: str, names: Names) -> str:
    holders = [sign_off.requester, *(act.by for act in sign_off.acts)]
    return next((_holder(holder) for holder in holders if holder.id == person_id), names.of(person_id))
