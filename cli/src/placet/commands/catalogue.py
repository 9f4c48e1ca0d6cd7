"""The commands that this distribution adds to `placet`, by the entry point `placet.commands`."""

from placet.commands.absences import absences
from placet.commands.access import access
from placet.commands.accounts import accounts
from placet.commands.apply import apply
from placet.commands.attestations import attestations
from placet.commands.audit import audit
from placet.commands.board import board
from placet.commands.break_glass import break_glass
from placet.commands.channels import channels
from placet.commands.checks import checks
from placet.commands.datasets import datasets
from placet.commands.debts import debts
from placet.commands.delegations import delegations
from placet.commands.demo import demo
from placet.commands.deployments import deployments
from placet.commands.directives import directives
from placet.commands.doctor import doctor
from placet.commands.environments import environments
from placet.commands.examples import EXAMPLES
from placet.commands.inbox import inbox
from placet.commands.init import init
from placet.commands.logs import logs
from placet.commands.models import models
from placet.commands.notifications import notifications
from placet.commands.parked import parked
from placet.commands.people import people
from placet.commands.plans import plans
from placet.commands.policies import policies
from placet.commands.psql import psql
from placet.commands.rebuild import rebuild
from placet.commands.register import register
from placet.commands.releases import releases
from placet.commands.restore import restore
from placet.commands.rounds import signoff
from placet.commands.runs import runs
from placet.commands.steps import steps
from placet.commands.tokens import tokens
from placet.commands.try_rows import try_rows
from placet.commands.unapproved import unapproved
from placet.commands.up import up
from placet.commands.upload import upload
from placet.commands.verify import verify
from placet.commands.versions import versions
from placet.commands.webhooks import webhooks
from placet_client.commands.examples import with_examples
from placet_client.commands.extension import Command, Panel

__all__ = ["COMMANDS"]

_COMMANDS = (
    Command("up", up, Panel.START, 10),
    Command("demo", demo, Panel.START, 20),
    Command("init", init, Panel.REGISTER, 5),
    Command("register", register, Panel.REGISTER, 10),
    Command("upload", upload, Panel.REGISTER, 20),
    Command("models", models, Panel.REGISTER, 40),
    Command("versions", versions, Panel.REGISTER, 50),
    Command("datasets", datasets, Panel.REGISTER, 55),
    Command("environments", environments, Panel.REGISTER, 60),
    Command("deployments", deployments, Panel.REGISTER, 70),
    Command("apply", apply, Panel.DECIDE, 10),
    Command("verify", verify, Panel.DECIDE, 20),
    Command("try", try_rows, Panel.DECIDE, 25),
    Command("policies", policies, Panel.DECIDE, 30),
    Command("plans", plans, Panel.DECIDE, 40),
    Command("checks", checks, Panel.DECIDE, 42),
    Command("runs", runs, Panel.DECIDE, 44),
    Command("attestations", attestations, Panel.DECIDE, 46),
    Command("inbox", inbox, Panel.DECIDE, 48),
    Command("notifications", notifications, Panel.DECIDE, 49),
    Command("signoff", signoff, Panel.DECIDE, 50),
    Command("releases", releases, Panel.DECIDE, 52),
    Command("board", board, Panel.DECIDE, 55),
    Command("steps", steps, Panel.DECIDE, 56),
    Command("people", people, Panel.DECIDE, 60),
    Command("delegations", delegations, Panel.DECIDE, 62),
    Command("absences", absences, Panel.DECIDE, 63),
    Command("accounts", accounts, Panel.DECIDE, 65),
    Command("tokens", tokens, Panel.DECIDE, 70),
    Command("access", access, Panel.DECIDE, 75),
    Command("audit", audit, Panel.DEPLOY, 30),
    Command("unapproved", unapproved, Panel.DEPLOY, 40),
    Command("directives", directives, Panel.DEPLOY, 50),
    Command("break-glass", break_glass, Panel.DEPLOY, 60),
    Command("debts", debts, Panel.DEPLOY, 70),
    Command("doctor", doctor, Panel.OPERATE, 3),
    Command("logs", logs, Panel.OPERATE, 5),
    Command("psql", psql, Panel.OPERATE, 7),
    Command("rebuild", rebuild, Panel.OPERATE, 10),
    Command("parked", parked, Panel.OPERATE, 20),
    Command("webhooks", webhooks, Panel.OPERATE, 25),
    Command("channels", channels, Panel.OPERATE, 26),
    Command("restore", restore, Panel.OPERATE, 30),
)

COMMANDS = tuple(with_examples(_COMMANDS, EXAMPLES))
