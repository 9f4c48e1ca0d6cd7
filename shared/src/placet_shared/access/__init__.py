"""Authentication and authorisation: actors, roles and how a token becomes an actor."""

from placet_shared.access.actor import Actor, Authenticator
from placet_shared.access.introspection import IntrospectingAuthenticator
from placet_shared.access.roles import Roles, allowed, demand_part, demand_role

__all__ = ["Actor", "Authenticator", "IntrospectingAuthenticator", "Roles", "allowed", "demand_part", "demand_role"]
