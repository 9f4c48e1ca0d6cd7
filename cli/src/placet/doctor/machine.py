"""Looks at this machine: interpreter, disk, files with secrets, ports, open files, and what confines a model's process."""

import ctypes
import platform
import resource
import shlex
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from placet.doctor.finding import Finding, State
from placet.embedded.data_folder import DataFolder
from placet.embedded.problems import CannotStart
from placet.supervisor.addresses import Address, addresses
from placet_client import Addresses, Client
from placet_client.profiles import Profiles
from placet_shared.free_ports import bound

__all__ = ["examine_machine", "files_with_secrets", "private_files"]

TESTED = ((3, 11), (3, 13))
MIB = 1 << 20
TOO_LITTLE_DISK, LITTLE_DISK = 200 * MIB, 2048 * MIB
FEW_FILES = 1024
LANDLOCK_CREATE_RULESET, LANDLOCK_VERSION = 444, 1
PR_GET_SECCOMP = 21
NOT_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine_machine(data_dir: Path, profiles: Profiles, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Each thing in turn; `data_dir` need not exist yet."""
    yield python_version(sys.version_info[:2])
    yield disk(data_dir)
    yield private_files(files_with_secrets(data_dir, profiles))
    try:
        yield from (port(address) for address in addresses(environment).values())
    except CannotStart as wrong:
        yield Finding("ports", State.FAIL, str(wrong))
    yield open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    yield confinement(landlock_version(), has_seccomp())


def python_version(version: tuple[int, int]) -> Finding:
    """Placet is tested with some; it does not start with an older one."""
    said = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if version > TESTED[1]:
        return Finding("Python", State.WARN, f"{said}: not tried yet", "Placet is tested with 3.11 to 3.13.")
    return Finding("Python", State.OK, said)


def disk(data_dir: Path) -> Finding:
    """The room where the data are, or will be."""
    folder = next(one for one in (data_dir, *data_dir.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    said = f"{free // MIB:,} MiB free for {data_dir}"
    if free < TOO_LITTLE_DISK:
        return Finding("disk", State.FAIL, said, "Make room, or name another folder with PLACET_DATA_DIR; docs/operations.md, a full disk.")
    if free < LITTLE_DISK:
        return Finding("disk", State.WARN, said, "Make room before artifacts and the log need it.")
    return Finding("disk", State.OK, said)


def files_with_secrets(data_dir: Path, profiles: Profiles) -> list[Path]:
    """Passwords, tokens and profiles of this account."""
    folder = DataFolder(data_dir)
    return [file for place in (folder.secrets, folder.tokens, profiles.folder) if place.is_dir() for file in sorted(place.iterdir())]


def private_files(files: Iterable[Path]) -> Finding:
    """Those that only their owner can read are right."""
    known = list(files)
    open_ones = [file for file in known if file.stat().st_mode & NOT_FOR_OTHERS]
    if open_ones:
        mend = shlex.join(["chmod", "600", *map(str, open_ones)])
        return Finding("secrets", State.FAIL, f"{len(open_ones)} of {len(known)} files can be read by other accounts", mend)
    return Finding("secrets", State.OK, f"none of {len(known)} can be read by other accounts")


def port(address: Address) -> Finding:
    """Free, or used by the service that belongs there."""
    what = f"port {address.port}"
    try:
        bound(address.host, address.port).close()
    except OSError as refused:
        if _is_ours(address):
            return Finding(what, State.OK, f"{address.service}-service listens there")
        help_ = f"Stop that program, or take another port: PLACET_{address.service.upper()}_PORT"
        return Finding(what, State.FAIL, f"{address.service}-service can't listen there: {refused.strerror}", help_)
    return Finding(what, State.OK, f"free for {address.service}-service")


def _is_ours(address: Address) -> bool:
    with Client(replace(Addresses(), **{address.service: address.url})) as placet:
        return placet.ready(address.service).state != "unreachable"


def open_files(limit: int) -> Finding:
    """Each waiting pipeline holds a connection, and each connection is an open file."""
    if 0 <= limit < FEW_FILES:
        return Finding("open files", State.WARN, f"at most {limit}", "ulimit -n 65536, before `placet up`")
    return Finding("open files", State.OK, f"at most {limit}" if limit >= 0 else "without a limit")


def confinement(landlock: int, seccomp: bool) -> Finding:
    """What the kernel offers to confine a model's process with; ONNX models run without it too."""
    said = f"Landlock {f'ABI {landlock}' if landlock else 'is missing'}, seccomp {'is there' if seccomp else 'is missing'}"
    if landlock and seccomp:
        return Finding("sandbox", State.OK, said)
    return Finding("sandbox", State.WARN, said, "ONNX models run with less around them, other formats do not run: docs/verification.md")


def landlock_version() -> int:
    """The ABI that the kernel offers (landlock_create_ruleset(2)); 0 where there is none."""
    if sys.platform != "linux":
        return 0
    found = ctypes.CDLL(None, use_errno=True).syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_VERSION)
    return max(int(found), 0)


def has_seccomp() -> bool:
    """Whether the kernel knows it (prctl(2), PR_GET_SECCOMP)."""
    return sys.platform == "linux" and int(ctypes.CDLL(None).prctl(PR_GET_SECCOMP, 0, 0, 0, 0)) >= 0
