"""The `placet` command: which word leads to which module."""

import typer

from placet.commands.apply import apply
from placet.commands.audit import audit
from placet.commands.demo import demo
from placet.commands.deployments import deployments, report_deployment
from placet.commands.environments import environments
from placet.commands.gate import gate
from placet.commands.models import models
from placet.commands.parked import parked
from placet.commands.people import people
from placet.commands.plans import plans
from placet.commands.policies import policies
from placet.commands.rebuild import rebuild
from placet.commands.register import register
from placet.commands.restore import restore
from placet.commands.signoff import signoff
from placet.commands.tokens import tokens
from placet.commands.up import up
from placet.commands.upload import upload
from placet.commands.verify import verify
from placet.commands.versions import versions
from placet.commands.wait import wait
from placet.commands.whoami import whoami

__all__ = ["app"]

app = typer.Typer(
    name="placet",
    help="Process governance for machine-learning models: register, verify, sign off, ask the gate.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

START = "Start"
for start in (up, demo, whoami):
    app.command(rich_help_panel=START)(start)

REGISTER = "What is registered, and what runs where"
app.command(rich_help_panel=REGISTER)(register)
app.command(rich_help_panel=REGISTER)(upload)
app.add_typer(models, name="models", rich_help_panel=REGISTER)
app.add_typer(versions, name="versions", rich_help_panel=REGISTER)
app.add_typer(environments, name="environments", rich_help_panel=REGISTER)
app.add_typer(deployments, name="deployments", rich_help_panel=REGISTER)
app.command("deploy", rich_help_panel=REGISTER)(report_deployment)

DECIDE = "What the machine and people decide"
app.command(rich_help_panel=DECIDE)(apply)
app.add_typer(policies, name="policies", rich_help_panel=DECIDE)
app.add_typer(plans, name="plans", rich_help_panel=DECIDE)
app.command(rich_help_panel=DECIDE)(verify)
app.add_typer(signoff, name="signoff", rich_help_panel=DECIDE)
app.add_typer(people, name="people", rich_help_panel=DECIDE)
app.add_typer(tokens, name="tokens", rich_help_panel=DECIDE)

DEPLOY = "For pipelines and auditors"
app.add_typer(gate, name="gate", rich_help_panel=DEPLOY)
app.command(rich_help_panel=DEPLOY)(wait)
app.add_typer(audit, name="audit", rich_help_panel=DEPLOY)

OPERATE = "For who keeps it running"
app.add_typer(parked, name="parked", rich_help_panel=OPERATE)
app.command(rich_help_panel=OPERATE)(rebuild)
app.add_typer(restore, name="restore", rich_help_panel=OPERATE)
