"""Which formats of artifacts are evaluated, and in which confinement."""

__all__ = ["EVALUATED", "obstacle"]

EVALUATED = frozenset({"onnx"})
"""Formats that a run may be requested for."""

_WITHOUT_CODE = frozenset({"onnx"})
"""Formats whose file is read by the static gate before anything is loaded; all others need the complete confinement."""


def obstacle(format_: str, *, complete: bool, evaluated: frozenset[str] = EVALUATED) -> str | None:
    """The reason code why this format may not run; `complete` says that both Landlock and seccomp confine the child."""
    if format_ not in evaluated:
        return "format_not_supported"
    return None if complete or format_ in _WITHOUT_CODE else "confinement_incomplete"
