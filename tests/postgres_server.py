"""A PostgreSQL server of a test's own: made in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BIN = Path("/usr/lib/postgresql/15/bin")
USER = "shop"
needs_postgres = pytest.mark.skipif(not (BIN / "initdb").exists(), reason="PostgreSQL 15 is not installed")


@contextmanager
def postgres_server() -> Iterator[int]:
    """The port on 127.0.0.1 of a fresh server with the database `postgres`, where USER may do everything."""
    folder = Path(tempfile.mkdtemp(prefix="touchstone_pg_"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    port, data = _free_port(), folder / "data"
    _as_postgres(
        [str(BIN / "initdb"), "-D", str(data), "-A", "trust", "-U", USER, "--locale=C", "-E", "UTF8"]
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _as_postgres(
        [str(BIN / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w", "-o", options, "start"]
    )
    try:
        yield port
    finally:
        _as_postgres([str(BIN / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres(command: list[str]) -> None:
    """The server refuses to run as root: then it runs as its own user."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
