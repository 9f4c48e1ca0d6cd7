"""Imported first by the process from which tests fork: what it loads stays, so the collector waits until `ready_to_fork` was imported."""

import gc

gc.disable()
