"""The debts of a model in an environment: what was let in without a yes is reviewed before the next promotion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from placet_approval.domain.involvement import IN_WORDS
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_quorum import Approval, progress
from placet_approval.domain.sign_off_rules import (
    Signer,
    choose_role,
    require_own_hand,
    require_person,
    require_unsigned,
)
from placet_shared.aggregates import Aggregate, Event, Recurring, origin_of
from placet_shared.errors import Conflict, Forbidden
from placet_shared.identifiers import derived_key

__all__ = ["Debt", "DebtLedger", "Reviewing"]

PARTS_IN_WORDS: Mapping[str, str] = {**IN_WORDS, "opener": "opened the break-glass", "asker": "asked the gate for what it let in"}


@dataclass(frozen=True, slots=True)
class Debt:
    """What is to be reviewed, by whom, and the signatures under the review."""

    debt_id: str
    glass_id: str
    model_id: str
    artifact_sha256: str
    opener: str
    token_issuers: tuple[str, ...]
    terms: tuple[SignatureTerm, ...]
    reviews: tuple[Approval, ...] = ()
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Around a review: `parts` are people who had a part in it or in the bytes, and which; `in_office`: roles of those who signed."""

    glass_is_over: bool
    parts: Mapping[str, Sequence[str]]
    in_office: Mapping[str, frozenset[str]]


class DebtLedger(Aggregate):
    """The stream of a model in an environment; a gate decision checks it at append, so that no yes passes by a debt."""

    TOPIC = "DebtLedger"
    CATEGORY = "debtledger"

    def __init__(self) -> None:
        self.debts: dict[str, Debt] = {}
        self.model_id = ""
        self.environment = ""

    class DebtIncurred(Recurring):
        TOPIC = "DebtIncurred"
        debt_id: str
        glass_id: str
        model_id: str
        version_id: str
        artifact_sha256: str
        environment: str
        person_id: str
        token_issuers: list[str]
        incident: str
        signatures: list[dict[str, Any]]

        def apply(self, aggregate: "DebtLedger") -> None:
            terms = tuple(SignatureTerm.from_content(term) for term in self.signatures)
            issuers = tuple(self.token_issuers)
            aggregate.model_id, aggregate.environment = self.model_id, self.environment
            aggregate.debts[self.debt_id] = Debt(
                self.debt_id, self.glass_id, self.model_id, self.artifact_sha256, self.person_id, issuers, terms
            )

    class DebtReviewed(Event):
        TOPIC = "DebtReviewed"
        debt_id: str
        model_id: str
        environment: str
        person_id: str
        role: str
        token_issuers: list[str]
        review: Commitment

        def apply(self, aggregate: "DebtLedger") -> None:
            debt = aggregate.debts[self.debt_id]
            review = Approval(self.person_id, self.role, tuple(self.token_issuers))
            aggregate.debts[self.debt_id] = replace(debt, reviews=(*debt.reviews, review))

    class DebtSettled(Event):
        TOPIC = "DebtSettled"
        debt_id: str
        model_id: str
        environment: str
        reviewers: list[dict[str, str]]

        def apply(self, aggregate: "DebtLedger") -> None:
            aggregate.debts[self.debt_id] = replace(aggregate.debts[self.debt_id], settled=True)

    @staticmethod
    def key_of(model_id: str, environment: str) -> str:
        """The key of the stream."""
        return derived_key("debts", model_id, environment)

    @classmethod
    def incur(cls, ledger: "DebtLedger | None", at: datetime, **debt: Any) -> "DebtLedger":
        """One more debt; `debt` are the fields of the event."""
        if ledger is None:
            return cls.create(cls.DebtIncurred, key=cls.key_of(debt["model_id"], debt["environment"]), at=at, **debt)
        ledger.trigger(cls.DebtIncurred, at=at, originator_topic=origin_of(ledger), **debt)
        return ledger

    @property
    def open_debts(self) -> Sequence[Debt]:
        """Those that are not settled."""
        return [debt for debt in self.debts.values() if not debt.settled]

    def review(self, debt_id: str, signer: Signer, role: str | None, around: Reviewing, review: Commitment, at: datetime) -> None:
        """One person's signature under the review; the last one that is needed settles the debt.

        1. The debt is open, and what it is about is over.
        2. A person without any part in it signs, with a token that no person with a part in it has issued.
        3. Each person once, in a role that the policy asked for when the glass was opened, and that is still missing.
        4. Those count who are in office and still have no part in it.
        """
        debt = self.debts[debt_id]
        _require_reviewable(debt, around.glass_is_over)  # 1
        require_person(signer)  # 2
        _require_no_part(signer, around.parts)
        acting = {debt.opener: debt.token_issuers, **{one.person_id: one.token_issuers for one in debt.reviews}}
        require_own_hand(signer, around.parts, acting)
        where = {"debt_id": debt_id, "model_id": self.model_id, "environment": self.environment}
        there = replace(around, in_office={**around.in_office, signer.id: signer.roles})
        if not progress(debt.terms, _counted(debt.reviews, there)).complete:  # unless those who had left are back
            require_unsigned(signer, debt.reviews, debt.terms)  # 3
            chosen = choose_role(signer, role, debt.terms, _counted(debt.reviews, there))
            issuers = sorted(signer.token_issuers)
            self.trigger(self.DebtReviewed, at=at, **where, person_id=signer.id, role=chosen, token_issuers=issuers, review=review)
        counted = _counted(self.debts[debt_id].reviews, there)  # 4
        if progress(debt.terms, counted).complete:
            reviewers = [{"person_id": one.person_id, "role": one.role} for one in counted]
            self.trigger(self.DebtSettled, at=at, **where, reviewers=reviewers)


def _counted(approvals: Iterable[Approval], around: Reviewing) -> tuple[Approval, ...]:
    return tuple(one for one in approvals if one.role in around.in_office.get(one.person_id, ()) and one.person_id not in around.parts)


def _require_reviewable(debt: Debt, glass_is_over: bool) -> None:
    if debt.settled:
        raise Conflict("This debt is settled.", code="debt_settled", resolve="Nothing more is needed; ask the gate.")
    if not glass_is_over:
        raise Conflict(
            "The break-glass is still open, so that what it lets in can't be reviewed yet.",
            code="break_glass_open",
            resolve="Close it, `placet break-glass close ID`, or wait until it is over.",
            glass_id=debt.glass_id,
        )


def _require_no_part(signer: Signer, parts: Mapping[str, Sequence[str]]) -> None:
    if because := parts.get(signer.id):
        raise Forbidden(
            f"You {' and '.join(PARTS_IN_WORDS[part] for part in because)}, so you can't be one of those who review it.",
            code="separation_of_duties",
            resolve="Ask a person who had no part in it.",
            because=list(because),
        )
