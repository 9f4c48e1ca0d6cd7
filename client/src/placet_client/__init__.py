"""Placet for Python programs: two clients over one pure core, typed answers, one family of errors.

with Client.from_environment() as placet:
    outcome = placet.wait_for_approval(Subject(version_id=..., environment="prod"), seconds=3600)
"""

from placet_client.addresses import SERVICES, Addresses
from placet_client.clients import AsyncClient, Client
from placet_client.exit_codes import ExitCode
from placet_client.operations.datasets import DataSetFile
from placet_client.operations.readiness import Readiness
from placet_client.operations.registering import Registered, Registration
from placet_client.operations.waiting import Outcome, Subject
from placet_client.positions import Positions, PositionsFile
from placet_client.problems import ClientError, FieldProblem, Missing, NotSignedIn, Problem, Unintelligible, Unreachable
from placet_client.progress import OnProgress, Progress
from placet_client.retrying import RetryPolicy
from placet_client.tokens import find_token

__all__ = [
    "SERVICES",
    "Addresses",
    "AsyncClient",
    "Client",
    "ClientError",
    "DataSetFile",
    "ExitCode",
    "FieldProblem",
    "Missing",
    "NotSignedIn",
    "OnProgress",
    "Outcome",
    "Positions",
    "PositionsFile",
    "Problem",
    "Progress",
    "Readiness",
    "Registered",
    "Registration",
    "RetryPolicy",
    "Subject",
    "Unintelligible",
    "Unreachable",
    "find_token",
]
