"""What the problems mean that only verification-service answers with: plans, runs, attestations, trials."""

from placet_shared.explained_codes import explained

__all__ = ["PROBLEM_CODES"]

_PLANS = {
    "plan_not_found": (
        "There is no plan of this name, or none is in force for the model in the environment.",
        "See `placet plans list` and `placet plans for MODEL -e ENVIRONMENT`; an admin publishes one: `placet apply -f plan.yaml`.",
    ),
    "several_plans": (
        "Several plans are in force, and this is by one of them.",
        "Name one: `placet verify MODEL/NUMBER -e ENVIRONMENT --plan PLAN`.",
    ),
    "plan_name_taken": (
        "The plan of this name belongs to another team than the document says.",
        "Give your plan another name; or, if it is theirs that you mean, state the same `team`.",
    ),
    "plan_too_large": ("The plan is larger than one may be.", "Check fewer things in one plan, or give columns shorter names."),
    "plan_withdrawn": ("The plan is withdrawn already.", "Nothing is left to do."),
    "plan_without_data": (
        "No plan in force for the model runs the model, so none says what its columns mean.",
        "Have an admin publish one with `dataset`, `inputs` and `prediction`: `placet plans new` writes a first one.",
    ),
    "unknown_environment": (
        "There is no environment of this name, so a plan would protect nothing there.",
        "Check the name: `placet environments list`; or define it: `placet environments define NAME`.",
    ),
    "dataset_unknown": ("The registry has no data set of this name.", "Add it: `placet datasets add FILE --name NAME --role test`."),
    "dataset_format_not_supported": (
        "The data set has a format that plans do not read.",
        "Register the rows as CSV or Parquet, as the data set's next version: `placet datasets add FILE --name NAME --role test`.",
    ),
}
_RUNS = {
    "run_not_found": ("There is no such run.", "See `placet runs list`."),
    "run_ended": ("The run has ended.", "Request another: `placet verify MODEL/NUMBER -e ENVIRONMENT`."),
    "run_of_another_person": ("Only who requested a run, or an admin, may cancel it.", "Ask them, or an admin."),
    "same_run": ("A run is not shown beside itself.", "Name another run."),
    "result_not_found": ("There is no such result: the run has not ended, or it ended without one.", "See `placet runs show ID`."),
    "report_not_found": ("The run has no report yet: it has not ended.", "See `placet runs show ID`, and ask again when it has ended."),
    "champion_not_found": ("Nothing of the model is deployed in the environment.", "Name the run to compare with."),
    "champion_is_this_version": ("The version itself is the one that is deployed.", "Name the run to compare with."),
    "champion_run_not_found": (
        "The deployed version has no passed run by the same plan.",
        "Verify it by this plan, or name the run to compare with.",
    ),
    "version_not_found": ("The registry knows no such version.", "See `placet versions list MODEL`."),
    "version_of_another_model": ("The version belongs to another model than the one that is named.", "Name the version that you mean."),
    "artifact_not_kept": (
        "The registry has only a reference to the artifact, not its bytes.",
        "Register a version with its bytes: `placet register MODEL FILE`.",
    ),
    "format_not_supported": ("Models of this format can't be evaluated here.", "Export the model as ONNX and register that."),
    "check_not_installed": (
        "The plan asks for a check that is not installed.",
        "See `placet checks list`; install the distribution that has it for verification-service and its workers.",
    ),
    "dataset_missing": (
        "The plan leaves the data set open, and the request names none.",
        "Upload it, `placet upload FILE`, and name it: `placet verify MODEL/NUMBER -e ENVIRONMENT --dataset SHA256`.",
    ),
    "dataset_fixed_by_plan": (
        "The plan fixes its data set, and the request names another one.",
        "Leave it out, or publish a plan with another data set.",
    ),
    "too_many_open_runs": (
        "The person has as many runs open as one may.",
        "Wait until some have ended, or cancel those that you no longer need: `placet runs cancel ID --reason TEXT`.",
    ),
    "queue_full": (
        "As many runs are open as may be at once.",
        "Try again later; if it lasts, start more workers. An admin finds open runs with `placet runs list`.",
    ),
    "queue_unavailable": ("The queue of runs can't be reached.", "Try again in a moment; see `placet status`."),
    "registry_unavailable": ("registry-service does not answer.", "Try again in a moment; see `placet status`."),
    "blob_not_found": ("The registry has no bytes of this digest.", "Upload them: `placet upload FILE`."),
    "blob_corrupt": (
        "The bytes that the registry sent do not have the digest that they are kept under.",
        "Have an operator check the folder of blobs, and restore it from a back-up.",
    ),
    "sandbox_unavailable": ("The worker can't fork the process that runs a model.", "See the worker's log; start it again."),
}
_TRIALS = {
    "trial_not_found": ("There is no such trial: its answer may have been read, or have expired.", "Send the rows again: `placet try`."),
    "too_many_trials": ("As many trials are open as may be at once.", "Wait; an answer that is not read is gone after two minutes."),
    "no_worker": ("No worker took the trial in time.", "Ask an operator whether workers run: `placet status`; then send the rows again."),
    "malformed_rows": (
        "Rows do not have the columns and types that the plan's inputs take.",
        "Correct the values that are named by row and column.",
    ),
}
_ATTESTATIONS = {
    "attestation_malformed": (
        "The file is no DSSE envelope of an in-toto Statement.",
        "Send a DSSE envelope whose payload is an in-toto Statement v1.",
    ),
    "attestation_not_found": ("There is no such attestation.", "See `placet attestations list`."),
    "subject_unknown": (
        "No registered version has the bytes that the statement is about.",
        "Register the version first; the statement's `subject` has the artifact's SHA-256: `placet versions list MODEL`.",
    ),
    "too_many_attestations": (
        "The account has recorded as many attestations about these bytes as one may.",
        "Sign one statement for a suite of tests instead of many.",
    ),
}

PROBLEM_CODES = explained("problem", "docs/verification.md", {**_PLANS, **_RUNS, **_TRIALS, **_ATTESTATIONS})
