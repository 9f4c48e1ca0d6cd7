"""Which token goes to which addresses.

1. `--as NAME`: a token of the data folder, to the addresses of the variables.
2. `--profile NAME`: the profile's token, to the profile's addresses.
3. `PLACET_TOKEN`, `PLACET_TOKEN_FILE`: that token, to the addresses of the variables.
4. `PLACET_PROFILE`, else the profile `default` where there is one: as 2.

A profile's token is never sent to an address that is not the profile's: a variable that names another one is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from placet_client.addresses import SERVICES, Addresses, variable_of
from placet_client.problems import ClientError, NotSignedIn
from placet_client.profiles import DEFAULT, Profile, Profiles
from placet_client.tokens import find_token

__all__ = ["SignIn", "sign_in"]


@dataclass(frozen=True, slots=True)
class SignIn:
    """A token, and the addresses that it may be sent to."""

    addresses: Addresses
    token: str


def sign_in(who: str | None, profile: str | None, data_dir: Path, profiles: Profiles, environment: Mapping[str, str]) -> SignIn:
    """By what the command line says (`who`, `profile`) and the variables; raises `NotSignedIn` and other `ClientError`s."""
    if who is not None and profile is not None:
        raise ClientError("--as and --profile name two tokens.", "Say one of them.")
    by_variable = any(environment.get(name, "").strip() for name in ("PLACET_TOKEN", "PLACET_TOKEN_FILE"))
    if who is None and (profile or not by_variable):  # 2, 4
        name = profile or environment.get("PLACET_PROFILE")
        found = profiles.find(name or DEFAULT)
        if found:
            return SignIn(_only_its_own(found, environment), found.token)
        if name:
            known = f"There are {', '.join(profiles.names())}." if profiles.names() else "There is none yet."
            raise NotSignedIn(f"There is no profile {name}. {known}", f"placet --profile {name} login")
    return SignIn(Addresses.from_environment(environment), find_token(who, data_dir, environment))  # 1, 3


def _only_its_own(profile: Profile, environment: Mapping[str, str]) -> Addresses:
    """The profile's addresses; raises `ClientError` when a variable names another one."""
    said = Addresses.from_environment(environment)
    for service in SERVICES:
        variable = variable_of(service)
        theirs, ours = said.of(service), profile.addresses.of(service)
        if environment.get(variable) and theirs != ours:
            raise ClientError(
                f"{variable} is {theirs}, and the token of the profile {profile.name} is for {ours} only.",
                f"Unset {variable}, or say whose token to send there: PLACET_TOKEN, PLACET_TOKEN_FILE or --as NAME.",
            )
    return profile.addresses
