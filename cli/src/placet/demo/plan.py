"""The verification plan of production, as `placet apply -f` would send it."""

from placet.demo.insurance import FEATURES, LABEL

__all__ = ["BEFORE_PRODUCTION", "CAREFUL", "HASTY", "MODELS", "OWN_ENVIRONMENT", "PLAN", "PRODUCTION", "TEST_DATA", "plan_document"]

CAREFUL, HASTY = MODELS = ("sees-doctor", "sees-doctor-quick")
PLAN = "sees-doctor"
PRODUCTION = "prod"
BEFORE_PRODUCTION = "test"
OWN_ENVIRONMENT = "placet-demo"
TEST_DATA = "sees-doctor-test"


def plan_document(environment: str) -> str:
    """The verification plan of the environment in which the story ends, on rows that no model has seen."""
    return f"""\
kind: Plan
name: {PLAN}
environments: [{environment}]
for:
  models: [{", ".join(MODELS)}]
task: binary
dataset:
  name: {TEST_DATA}
  label: {LABEL}
inputs:
  - name: features
    columns: [{", ".join(FEATURES)}]
prediction:
  scores: probabilities
  labels: label
  classes: ["0", "1"]
  positive: "1"
checks:
  - {{id: safe-to-load, check: artifact_safety}}
  - {{id: ranks-people-well, metric: roc_auc, comparator: ">=", threshold: 0.65}}
  - {{id: right-often-enough, metric: accuracy, comparator: ">=", threshold: 0.70}}
  - {{id: honest-probabilities, metric: brier, comparator: "<=", threshold: 0.20}}
  - {{id: better-than-a-guess, check: better_than_dummy}}
  - {{id: no-worse-than-before, check: champion}}
  - {{id: calibrated, check: calibration, severity: advisory}}
  - {{id: alike-for-the-ill, check: subgroups, columns: [hlthf], severity: advisory}}
  - {{id: steady, check: robustness, severity: advisory}}
  - {{id: no-weak-slice, check: weakest_slices, severity: advisory}}
  - {{id: fast-and-small, check: latency, median_ms: 1000, peak_memory_mib: 4096, artifact_mib: 10, severity: advisory}}
  - {{id: right-and-wrong, check: confusion, severity: advisory}}
  - {{id: where-it-errs, check: error_tree, severity: advisory}}
  - {{id: which-columns-count, check: importance, severity: advisory}}
  - {{id: how-columns-act, check: dependence, severity: advisory}}
  - {{id: three-people, check: explanations, severity: advisory}}
"""
