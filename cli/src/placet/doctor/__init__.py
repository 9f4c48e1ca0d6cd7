"""Looks for what keeps Placet from working: on this machine and at the services; `placet doctor` shows what it found."""

from placet.doctor.finding import Finding, State
from placet.doctor.machine import examine_machine
from placet.doctor.services import examine_services

__all__ = ["Finding", "State", "examine_machine", "examine_services"]
