"""One refresh at a time, and a dead one's lock holds nobody up."""

import os
import signal
import subprocess
import sys

import pytest

from infra.errors import InfraError
from infra.lock import exclusive

HOLD = "import sys; from pathlib import Path; from infra.lock import exclusive\n"
HOLD += "with exclusive(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock; ended afterwards."""
    path = tmp_path / "state" / "refresh.lock"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield path, process
    process.kill()
    process.communicate()


def test_a_second_one_is_refused_and_told_by_whom(holder):
    path, process = holder
    with (
        pytest.raises(InfraError, match=f"another refresh is running \\(process {process.pid}, since 20"),
        exclusive(path),
    ):
        pass


def test_a_killed_holder_is_no_holder(holder):
    path, process = holder
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with exclusive(path):
        assert str(os.getpid()) in path.read_text()
