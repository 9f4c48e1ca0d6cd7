"""`placet debts`: what break-glass let in is reviewed before the model's next promotion."""

from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.commands.unapproved import of_version
from placet_client.answers.break_glass import Debt, DebtReview
from placet_client.answers.sign_offs import MissingSignatures
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import plain

__all__ = ["debts"]

debts = noun("Debts of break-glass: list what is to be reviewed, show one, sign a review.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the debt.")]


def _terms(terms: tuple[MissingSignatures, ...]) -> str:
    return ", ".join(f"{term.count} × {' or '.join(map(plain, term.any_of))}" for term in terms)


COLUMNS: tuple[Column[Debt], ...] = (
    ("environment", lambda one: plain(one.environment)),
    ("version", lambda one: of_version(one.model, one.model_id, one.number)),
    ("incident", lambda one: plain(one.incident)),
    ("state", lambda one: plain(one.state)),
    ("reviewed by", lambda one: ", ".join(plain(review.by.name or review.by.id) for review in one.reviews)),
    ("needs", lambda one: _terms(one.signatures)),
    ("since", lambda one: ago(one.incurred_at)),
    ("id", lambda one: plain(one.id)),
)
IN_SHORT: tuple[Column[Debt], ...] = (
    ("id", lambda one: plain(one.id)),
    ("of", lambda one: f"{of_version(one.model, one.model_id, one.number)} in {plain(one.environment)}"),
    ("state", lambda one: f"{plain(one.state)}, {plain(one.incident)}"),
)
REVIEWS: tuple[Column[DebtReview], ...] = (
    ("reviewed", lambda one: dated(one.at)),
    ("by", lambda one: f"{plain(one.by.name or one.by.id)} as {plain(one.role)}"),
    ("review", lambda one: "erased" if one.said.erased else plain(one.said.text)),
)


@debts.command("list")
def list_debts(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are not settled.")] = False,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only there.")] = None,
    model: Annotated[str | None, typer.Option(help="Only of this model, by id or name.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with installation(who) as placet:
        page = placet.approval.debts(limit, open=only_open, environment=environment, model=model)
    if as_json:
        return show_json(page.raw)
    show_names(one.id for one in page.items)
    show_table(COLUMNS, page.items, "There is no debt that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@debts.command("show")
def show_debt(debt: Id, who: As = None, as_json: AsJson = False) -> None:
    """One debt: what was let in, whom the policy asked for, and what those found who have reviewed it."""
    with installation(who) as placet:
        found = placet.approval.debt(debt)
    if as_json:
        return show_json(found.raw)
    show_names([found.id])
    show_facts(
        [
            *[(heading, value(found)) for heading, value in COLUMNS],
            ("opened by", plain(found.opened_by.name or found.opened_by.id)),
            ("break-glass", plain(found.glass_id)),
            ("settled", dated(found.settled_at)),
        ]
    )
    show_table(REVIEWS, found.reviews, "No person has reviewed it yet.")


@debts.command("review")
def review_debt(
    debt: Id,
    review: Annotated[str, typer.Option("--review", "-r", help="What you found, in your words.")],
    role: Annotated[str | None, typer.Option(help="Only needed when you have several of the roles that are still asked for.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Sign the review, once the break-glass is over; the last signature that is needed settles the debt.

    For people in the roles that the policy asked for when the glass was opened, who had no part in it.
    """
    with installation(who) as placet:
        reviewed = placet.approval.review_debt(debt, review, role)
    if as_json:
        return show_json(reviewed.raw)
    show_names([reviewed.id])
    if reviewed.settled:
        return show_line(f"Debt {debt} is settled.")
    show_line(f"Reviewed; debt {debt} still needs {_terms(reviewed.missing)}.")
