"""`placet.yaml` of a repository: what its commands are about (model, environment, files) when the command line does not say it.

It is looked for from the current folder upwards to the repository's root and no further, and it comes with a repository that may be from
anywhere: so it holds no address and no secret, and its paths do not lead out of the repository.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from placet_client.one_line_yaml import SIZE_LIMIT, Entry, NotUnderstood, Value, entries
from placet_client.problems import ClientError

__all__ = ["FILE_NAME", "SHA256", "PlacetYaml", "find_placet_yaml", "read_placet_yaml", "repository_root"]

FILE_NAME = "placet.yaml"
KINDS: Mapping[str, type[object]] = {
    "model": str, "environment": str, "plan": str, "artifact": str, "format": str, "trained_by": list, "prepared_by": list, "data": dict,
}  # fmt: skip
FORMS: Mapping[type[object], str] = {
    str: "one text",
    list: "a list, such as `[alice, bob]`",
    dict: "a path for each role, such as `{train: data/train.csv}`",
}
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
SECRET = re.compile(r"token|secret|password|key|credential", re.IGNORECASE)
TOKEN = re.compile(r"placet_[0-9A-Za-z_-]{20,}")
ADDRESS = re.compile(r"url|host|address|server|service|registry|approval|verification|audit", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlacetYaml:
    """What the file says; paths are below its folder, and `data` is by role: a path, or a SHA-256."""

    file: Path
    model: str | None = None
    environment: str | None = None
    plan: str | None = None
    artifact: str | None = None
    format: str | None = None
    trained_by: list[str] = field(default_factory=list)
    prepared_by: list[str] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)

    @property
    def artifact_path(self) -> Path | None:
        """Where the artifact is."""
        return self.file.parent / self.artifact if self.artifact else None

    def data_arguments(self) -> list[str]:
        """The data as `--data` takes them: a path that exists stands below the file's folder, anything else as it was written."""
        return [f"{role}={place if (place := self.file.parent / where).is_file() else where}" for role, where in self.data.items()]


def repository_root(folder: Path) -> Path:
    """The nearest folder at or above `folder` that is a Git repository; `folder` itself outside of one."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def find_placet_yaml(folder: Path) -> PlacetYaml | None:
    """The nearest one from `folder` up to the repository's root; raises `ClientError` for one that is wrong."""
    root = repository_root(folder)
    for one in (folder, *folder.parents):
        if (one / FILE_NAME).is_file():
            return read_placet_yaml(one / FILE_NAME, root)
        if one == root:
            break
    return None


def read_placet_yaml(file: Path, root: Path) -> PlacetYaml:
    """Raises `ClientError` that names each wrong line; a path in it must not lead out of `root`."""
    if not _is_inside(file.parent, root, file.name):
        raise ClientError(f"{file} is a link that leads out of the repository.", "Remove it, or say everything on the command line.")
    try:
        found = entries(_text_of(file))
    except NotUnderstood as wrong:
        raise _refused(file, [f"line {wrong.line}: {wrong}"]) from wrong
    except UnicodeDecodeError as error:
        raise _refused(file, ["it is no UTF-8 text"]) from error
    except OSError as error:
        raise ClientError(f"{file} can't be read: {error.strerror}.") from error
    if complaints := [
        f"line {entry.line}: {said}" for name, entry in found.items() for said in _complaints(file.parent, root, name, entry)
    ]:
        raise _refused(file, complaints)
    values: dict[str, Value] = {name: entry.value for name, entry in found.items()}
    return PlacetYaml(file, **values)  # type: ignore[arg-type]  # the kinds were checked


def _text_of(file: Path) -> str:
    """No more of it than is needed to see that it is too long."""
    with file.open(encoding="utf-8") as opened:
        return opened.read(SIZE_LIMIT + 1)


def _complaints(folder: Path, root: Path, name: str, entry: Entry) -> Iterator[str]:
    if name not in KINDS:
        yield _unknown(name)
    elif not isinstance(entry.value, KINDS[name]):
        yield f"`{name}` is {FORMS[KINDS[name]]}"
    else:
        for text in _texts(entry.value):
            if TOKEN.search(text):
                yield f"`{name}` holds a token, and this file is no place for one: revoke it, and `placet login` with another"
        for path in _paths(name, entry.value):
            if not _is_inside(folder, root, path):
                yield f"`{name}` has a path that leads out of the repository: {path}"


def _unknown(name: str) -> str:
    if near := difflib.get_close_matches(name.lower()[:100], KINDS, 1, 0.6):
        return f"unknown field `{name}`, did you mean `{near[0]}`?"
    if SECRET.search(name):
        return f"unknown field `{name}`: secrets do not belong into a repository; `placet login` keeps your token"
    if ADDRESS.search(name):
        return f"unknown field `{name}`: no address is taken from a repository; `placet login` keeps those of your installation"
    return f"unknown field `{name}`, allowed are {', '.join(KINDS)}"


def _texts(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else [*value.values()] if isinstance(value, dict) else value


def _paths(name: str, value: Value) -> list[str]:
    if name == "artifact":
        return _texts(value)
    return [path for path in _texts(value) if not SHA256.fullmatch(path)] if name == "data" else []


def _is_inside(folder: Path, root: Path, path: str) -> bool:
    """Neither by its words nor by a symbolic link does it leave the repository."""
    words = PurePosixPath(path)
    return not words.is_absolute() and ".." not in words.parts and (folder / path).resolve().is_relative_to(root.resolve())


def _refused(file: Path, wrong: list[str]) -> ClientError:
    return ClientError("\n  ".join([f"{file} is wrong.", *wrong]), "Correct these lines, or say everything on the command line.")
