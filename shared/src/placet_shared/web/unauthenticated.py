"""The answers to requests without a valid token."""

from placet_shared.errors import Unauthenticated

__all__ = ["token_invalid", "token_missing"]


def token_missing() -> Unauthenticated:
    """The answer to a request without a token."""
    return Unauthenticated("This needs an access token.", code="token_missing", resolve="Send the header `Authorization: Bearer placet_…`.")


def token_invalid() -> Unauthenticated:
    """The answer to a token that is not valid, for any reason."""
    return Unauthenticated("The access token is unknown, revoked or expired.", code="token_invalid", resolve="Ask an admin for a new one.")
