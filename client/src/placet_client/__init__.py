"""The Python client: what the `placet` command is made of, and what a pipeline written in Python uses."""

from placet_client.addresses import SERVICES, Addresses
from placet_client.installation import Installation
from placet_client.positions import Positions, PositionsFile
from placet_client.problems import ClientError, FieldProblem, Missing, NotSignedIn, Problem, Unintelligible, Unreachable
from placet_client.tokens import find_token
from placet_client.waiting import Outcome, Subject, wait_for_approval

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
