"""Builds the embedded cluster from account, programs, folders and password."""

from pathlib import Path

from placet.embedded.account import account_for
from placet.embedded.cluster import Cluster
from placet.embedded.data_folder import DataFolder
from placet.embedded.problems import FolderUnreachable, NothingRuns
from placet.embedded.programs import programs_for
from placet.embedded.secret_files import keep_secret
from placet.embedded.socket_folder import socket_folder

__all__ = ["open_cluster", "running_cluster"]


def open_cluster(folder: DataFolder) -> Cluster:
    """The cluster of this data folder, not yet created or started; the caller holds the folder's lock."""
    folder.prepare()
    account = account_for(folder.postgres)
    if barrier := account.barrier_on_the_way_to(folder.path):
        raise FolderUnreachable(folder.path, barrier, account.name)
    return Cluster(
        folder=folder.postgres,
        sockets=socket_folder(account, folder.socket_record),
        log=folder.logs / "postgres.log",
        programs=programs_for(account, folder),
        account=account,
        password=keep_secret(folder.secrets / "postgres.password"),
    )


def running_cluster(folder: DataFolder) -> Cluster:
    """The cluster that `placet up` runs on this data folder; raises `NothingRuns` when there is none."""
    record = folder.socket_record
    if not record.exists() or not list(Path(record.read_text().strip()).glob(".s.PGSQL.*")):
        raise NothingRuns(folder.path)
    return open_cluster(folder)
