"""Nouns that list by default: `placet models` is `placet models list`."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

__all__ = ["Limit", "ListsByDefault", "noun"]

Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")]


class ListsByDefault(TyperGroup):
    """Without a subcommand, `list` runs."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Options without a subcommand belong to `list`, except --help."""
        if not args or (args[0].startswith("-") and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def noun(about: str) -> typer.Typer:
    """A group of commands about one thing, in the order in which they are defined."""
    return typer.Typer(cls=ListsByDefault, help=about, no_args_is_help=False)
