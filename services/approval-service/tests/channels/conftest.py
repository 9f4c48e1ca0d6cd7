"""A bank whose channels of Slack and Teams lead to a receiver on this machine, which checks the format of what it gets."""

from ..decisions.conftest import bank, bank_database
from ..webhooks.conftest import allowed_networks, receiver

__all__ = ["allowed_networks", "bank", "bank_database", "receiver"]
