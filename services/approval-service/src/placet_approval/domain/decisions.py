"""The aggregates of policies, sign-offs and gate decisions, for the service's event_registry."""

from placet_approval.domain.artifact_standing import ArtifactStanding
from placet_approval.domain.artifact_steps import ArtifactSteps
from placet_approval.domain.break_glass import BreakGlass
from placet_approval.domain.debt_ledger import DebtLedger
from placet_approval.domain.directive import Directive
from placet_approval.domain.gate_decision import GateRecord
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.release import Release
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_series import SignOffSeries

__all__ = ["AGGREGATES"]

AGGREGATES = (PolicySet, Release, SignOff, SignOffSeries, ArtifactStanding, ArtifactSteps, GateRecord, Directive, BreakGlass, DebtLedger)
