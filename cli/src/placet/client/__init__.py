"""The Python client: what the `placet` command is made of, and what a pipeline written in Python uses."""

from placet.client.addresses import Addresses
from placet.client.installation import SERVICES, Installation
from placet.client.positions import Positions, PositionsFile
from placet.client.problems import ClientError, FieldProblem, Missing, NotSignedIn, Problem, Unintelligible, Unreachable
from placet.client.tokens import find_token
from placet.client.waiting import Outcome, Subject, wait_for_approval

__all__ = [
    "SERVICES",
    "Addresses",
    "ClientError",
    "FieldProblem",
    "Installation",
    "Missing",
    "NotSignedIn",
    "Outcome",
    "Positions",
    "PositionsFile",
    "Problem",
    "Subject",
    "Unintelligible",
    "Unreachable",
    "find_token",
    "wait_for_approval",
]
