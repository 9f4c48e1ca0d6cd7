"""The files of deploy/pipelines are what their systems accept, and run as scripts against a real installation."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from .conftest import ENVIRONMENT, Waited
from .ready_made import ACTION, PRESYNC, ROOT, TEMPLATE, Script, documents, fenced, scripts

NAMES = ("GitHub", "GitLab", "Argo CD", "others")
GIVEN_BY_ALL = ("PLACET_TOKEN", "PLACET_REGISTRY_URL", "PLACET_APPROVAL_URL")


def published(name: str) -> Any:
    """A schema that check-jsonschema carries."""
    return json.loads(files("check_jsonschema").joinpath(f"builtin_schemas/vendor/{name}.json").read_text())


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A copy, as pip builds in the folder that it is told."""
    copy = tmp_path / "client"
    shutil.copytree(ROOT / "client", copy, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    return copy


@pytest.fixture
def ready_made(waited: Waited, client: Path, tmp_path: Path) -> Mapping[str, Script]:
    return scripts(f"{waited.model}/{waited.version.number}", ENVIRONMENT, client, tmp_path)


def run(waited: Waited, script: Script, **changed: str) -> subprocess.CompletedProcess[str]:
    return waited.run(script.command, **script.variables, **changed)


def test_github_action_is_one_by_the_published_schema() -> None:
    assert list(jsonschema.Draft7Validator(published("github-actions")).iter_errors(documents(ACTION)[0])) == []


def test_workflow_of_the_page_is_one_by_the_published_schema_and_gives_the_inputs_of_the_action() -> None:
    workflow = yaml.safe_load(fenced("yaml", "GitHub").replace("on: ", '"on": ', 1))
    jsonschema.validate(workflow, published("github-workflows"))
    (step, _) = workflow["jobs"]["deploy"]["steps"]
    inputs = documents(ACTION)[0]["inputs"]
    assert {name for name, one in inputs.items() if one.get("required")} == set(step["with"])
    assert step["uses"].split("@")[0].endswith(str(ACTION.parent.relative_to(ROOT)))


def test_gitlab_template_is_one_by_the_published_schema() -> None:
    schema = published("gitlab-ci")
    header, template = documents(TEMPLATE)
    include = yaml.safe_load(fenced("yaml", "GitLab"))
    for document in (header, template, include):
        jsonschema.Draft7Validator(schema).validate(document)
    needed = {name for name, one in header["spec"]["inputs"].items() if "default" not in one}
    assert needed == set(include["include"][0]["inputs"])


@pytest.mark.parametrize("file", [ACTION, TEMPLATE], ids=["GitHub", "GitLab"])
def test_inputs_are_never_part_of_a_script(file: Path) -> None:
    """An input could be a command otherwise."""
    lines = (
        [step["run"] for step in documents(ACTION)[0]["runs"]["steps"]]
        if file == ACTION
        else documents(TEMPLATE)[1]["placet wait"]["script"]
    )
    assert [line for line in lines if "${{" in line or "$[[" in line] == []


def test_presync_job_is_a_hook_that_tries_once_and_has_no_rights() -> None:
    (job,) = documents(PRESYNC)
    assert job["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "PreSync"
    assert (job["spec"]["backoffLimit"], job["spec"]["template"]["spec"]["restartPolicy"]) == (0, "Never")
    assert job["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


def test_presync_job_runs_in_the_image_of_the_client_as_its_user_and_can_write_nowhere() -> None:
    spec = documents(PRESYNC)[0]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    stage = dockerfile[dockerfile.index(" AS client\n") :].partition("\nFROM ")[0]
    assert container["image"].endswith("/placet/client:" + re.findall(r"ARG VERSION=(\S+)", stage)[0])
    assert re.findall(r"USER (\d+)", stage) == [str(spec["securityContext"]["runAsUser"])]
    assert (container["securityContext"]["readOnlyRootFilesystem"], "volumeMounts" in container) == (True, False)


@pytest.mark.postgres
@pytest.mark.parametrize("name", NAMES)
def test_ready_made_pipeline_goes_on_when_people_agree(waited: Waited, ready_made: Mapping[str, Script], name: str, tmp_path: Path) -> None:
    waited.act("bob", "approve")
    ended = run(waited, ready_made[name])
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "The gate says yes." in ended.stdout
    if name == "GitHub":
        decision = (tmp_path / "output").read_text().removeprefix("decision=").strip()
        with waited.installation.client("ci") as placet:
            assert placet.approval.decision(decision).verdict == "allow"


@pytest.mark.postgres
@pytest.mark.parametrize("name", ["GitHub", "GitLab"])
def test_ready_made_pipeline_stops_when_people_say_no(waited: Waited, ready_made: Mapping[str, Script], name: str) -> None:
    waited.act("bob", "reject")
    ended = run(waited, ready_made[name])
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "The sign-off was rejected." in ended.stdout


def test_shell_is_the_same_in_the_files_and_on_the_page(tmp_path: Path) -> None:
    """So that what stops two of them stops all."""
    commands = {name: script.command[-1] for name, script in scripts("fraud/3", "prod", tmp_path, tmp_path).items()}
    lines = {name: [line for line in text.splitlines() if line != "set -eu"] for name, text in commands.items() if name != "GitHub"}
    assert lines["GitLab"] == [line.replace("86400", '"$PLACET_TIMEOUT"') for line in lines["others"]]
    in_its_image = [line.replace('"$placet/bin/placet"', "placet") for line in (lines["GitLab"][0], lines["GitLab"][-1])]
    assert lines["Argo CD"] == in_its_image, "the client is in the image, and is not installed"


@pytest.mark.postgres
@pytest.mark.parametrize("missing", GIVEN_BY_ALL)
def test_ready_made_pipelines_fail_at_once_without_what_they_need(waited: Waited, ready_made: Mapping[str, Script], missing: str) -> None:
    waited.act("bob", "approve")
    for name, script in ready_made.items():
        ended = run(waited, script, **{missing: ""})
        assert ended.returncode != 0, name
        assert f"{missing}: is empty" in ended.stderr
