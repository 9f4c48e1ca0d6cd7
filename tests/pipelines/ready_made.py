"""The ready-made pipelines of deploy/pipelines and the shell of their page, as scripts that can be run as a runner runs them."""

import re
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["ACTION", "OTHERS", "PAGE", "PRESYNC", "TEMPLATE", "Script", "documents", "fenced", "scripts"]

OTHERS = "Azure DevOps, Jenkins and others"
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/ready-made-pipelines.md"
ACTION = ROOT / "deploy/pipelines/github/action.yml"
TEMPLATE = ROOT / "deploy/pipelines/gitlab/template.yml"
PRESYNC = ROOT / "deploy/pipelines/argo-cd/presync.yaml"
# pip installs the client from this repository and takes what it asks for from this environment: a test reaches no index.
WITHOUT_INDEX = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "false",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PYTHONPATH": sysconfig.get_path("purelib"),
}


@dataclass(frozen=True, slots=True)
class Script:
    """A program, and the variables that its runner gives it beside those of the installation."""

    command: tuple[str, ...]
    variables: Mapping[str, str]


def documents(file: Path) -> list[Any]:
    return list(yaml.safe_load_all(file.read_text()))


def fenced(language: str, heading: str) -> str:
    """The first block of a language after a heading of the page."""
    found = re.search(rf"^## {re.escape(heading)}$.*?^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def scripts(version: str, environment: str, client: Path, folder: Path) -> dict[str, Script]:
    """Each by the name of the system that runs it; `client` is what pip installs."""
    given = {"PLACET_VERSION": version, "PLACET_ENVIRONMENT": environment, "PLACET_CLIENT": str(client), "PLACET_TIMEOUT": "120"}
    given |= {**WITHOUT_INDEX, "TMPDIR": str(folder), "HOME": str(folder)}
    return {
        "GitHub": _github(given, folder),
        "GitLab": Script(("bash", "-c", "\n".join(documents(TEMPLATE)[1]["placet wait"]["script"])), given),
        "Argo CD": Script(_argo_cd(), {**given, "PLACET_CLIENT": "", "PATH": f"{sysconfig.get_path('scripts')}:/usr/bin:/bin"}),
        "others": Script(("sh", "-euc", fenced("sh", OTHERS)), given),
    }


def _github(given: Mapping[str, str], folder: Path) -> Script:
    """Its only step, in a shell with the options that `shell: bash` has."""
    (step,) = documents(ACTION)[0]["runs"]["steps"]
    runner = {"RUNNER_TEMP": str(folder), "GITHUB_ACTION_PATH": str(ACTION.parent), "GITHUB_OUTPUT": str(folder / "output")}
    known = {*step["env"], *runner}
    assert set(re.findall(r"\$\{?([A-Z][A-Z_]+)", step["run"])) <= known
    return Script(("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]), {**given, **runner})


def _argo_cd() -> tuple[str, ...]:
    (container,) = documents(PRESYNC)[0]["spec"]["template"]["spec"]["containers"]
    return (*container["command"], *container["args"])
