"""What a shell offers for a name: models, versions, environments, plans, sign-offs, as the services know them now.

A shell waits for it: it takes a fraction of a second or offers nothing, and it never says anything.
"""

import os
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

import typer

from placet_client import Client
from placet_client.commands.session import known_profiles
from placet_client.folders import data_folder
from placet_client.retrying import RetryPolicy
from placet_client.sign_in import sign_in

__all__ = ["environments", "models", "numbers", "offer_of", "plans", "targets"]

PATIENCE = 0.7
AT_MOST = 50
ONE_ATTEMPT = RetryPolicy(seconds=0.0)
Offers = list[tuple[str, str]]
"""Each with a word on what it is; shells show it where they can."""

# A word stands on the command line as it was offered, and zsh evaluates both: names come from other people.
WORD = re.compile(r"[\w.@%+,:=/-]+")
NOT_SAID = re.compile(r"[^\w.@%+,:=/ -]")


def models(ctx: typer.Context, incomplete: str) -> Offers:
    """Names of models; after a slash the numbers of its versions."""
    name, slash, _ = incomplete.partition("/")
    if slash:
        return _offered(ctx, incomplete, lambda placet: _versions(placet, name, f"{name}/"))
    return _offered(ctx, incomplete, lambda placet: _models(placet, incomplete))


def numbers(ctx: typer.Context, incomplete: str) -> Offers:
    """Numbers of versions of the model that was typed before."""
    model = ctx.params.get("model") or ctx.params.get("target")
    return _offered(ctx, incomplete, lambda placet: _versions(placet, model, "")) if isinstance(model, str) else []


def environments(ctx: typer.Context, incomplete: str) -> Offers:
    """In their order."""
    return _offered(ctx, incomplete, lambda placet: ((one.name, "") for one in placet.registry.environments().items))


def plans(ctx: typer.Context, incomplete: str) -> Offers:
    """Names of verification plans."""
    return _offered(ctx, incomplete, lambda placet: ((one.name, ", ".join(one.environments)) for one in placet.verification.plans().items))


def targets(ctx: typer.Context, incomplete: str) -> Offers:
    """Models, and the ids of sign-offs that are open; once it looks like an id, of all."""
    looks_like_an_id = len(incomplete) > 3 and set(incomplete) <= set("0123456789abcdef-")
    return [*models(ctx, incomplete), *_offered(ctx, incomplete, lambda placet: _sign_offs(placet, not looks_like_an_id))]


def _models(placet: Client, incomplete: str) -> Iterable[tuple[str, str]]:
    return ((one.name, f"{one.latest_number or 0} versions") for one in placet.registry.models(AT_MOST, name=incomplete or None).items)


def _versions(placet: Client, model: str, before: str) -> Iterable[tuple[str, str]]:
    return ((f"{before}{one.number}", f"{one.artifact.sha256[:12]}") for one in placet.registry.versions(AT_MOST, model).items)


def _sign_offs(placet: Client, only_open: bool) -> Iterable[tuple[str, str]]:
    found = placet.approval.sign_offs(AT_MOST, open=only_open).items
    return ((one.id, f"{one.model}/{one.number} for {one.environment}, {one.state}") for one in found)


def _offered(ctx: typer.Context, incomplete: str, ask: Callable[[Client], Iterable[tuple[str, str]]]) -> Offers:
    """What begins as the word does; nothing when it takes longer than a shell should wait, or when anything goes wrong."""
    found: Offers = []

    def look() -> None:
        with suppress(Exception), _connected(ctx) as placet:
            found.extend([offer for name, said in ask(placet) if name.startswith(incomplete) and (offer := offer_of(name, said))])

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(PATIENCE)
    return [] if looking.is_alive() else found


def offer_of(name: str, said: str) -> tuple[str, str] | None:
    """None for a name that has to be quoted: shells differ in how, and one that is not would be run."""
    return (name, NOT_SAID.sub("_", said)) if WORD.fullmatch(name) else None


def _connected(ctx: typer.Context) -> Client:
    """As the words say that were typed already; positions seen before are not waited for."""
    who, profile = ctx.params.get("who"), ctx.find_root().params.get("profile")
    signed_in = sign_in(who, profile, data_folder(), known_profiles(), os.environ)
    return Client(signed_in.addresses, signed_in.token, retries=ONE_ATTEMPT)
