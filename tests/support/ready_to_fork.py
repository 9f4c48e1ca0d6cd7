"""Imported last by the process from which tests fork: `placet` has made its commands, and the collector leaves alone what is there.

A collection in a child would copy the memory that it shares with its parent.
"""

import gc

from placet_client.commands.app import installed_command

installed_command()
gc.freeze()
gc.enable()
