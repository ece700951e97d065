"""Children end with their parent: in good order, on SIGTERM, and when it is killed."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from infra.errors import InfraError
from infra.processes import Processes

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
# A child that has a child of its own, which ignores SIGTERM: only a signal to the group reaches it.
FAMILY = [
    sys.executable,
    "-c",
    textwrap.dedent("""
        import subprocess, sys
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
        grandchild = subprocess.Popen([sys.executable, "-c", code])
        print(grandchild.pid, flush=True)
        grandchild.wait()
    """),
]


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_leaving_the_block_ends_children_and_grandchildren(tmp_path):
    with Processes(tmp_path) as processes:
        child = processes.start("family", FAMILY)
        wait_for(lambda: child.log.read_text().strip())
        grandchild = int(child.log.read_text())
        assert is_running(grandchild)
    assert not child.runs
    wait_for(lambda: not is_running(grandchild))


def test_a_child_that_ends_too_early_is_told_with_its_last_words(tmp_path):
    with Processes(tmp_path) as processes:
        child = processes.start("doors", [sys.executable, "-c", "raise SystemExit('port 8000 is taken')"])
        with pytest.raises(InfraError, match="doors ended \\(1\\):\nport 8000 is taken"):
            processes.wait_until(child, lambda: False, 10)
        assert processes.ended() == [child]


def test_a_child_that_is_never_ready_is_told(tmp_path):
    with Processes(tmp_path) as processes:
        child = processes.start("slow", SLEEPER)
        with pytest.raises(InfraError, match="slow was not ready after 0 s; its log is"):
            processes.wait_until(child, lambda: False, 0.3)


def test_a_killed_parent_takes_its_children_along(tmp_path):
    code = "import sys, time; from pathlib import Path; from infra.processes import Processes\n"
    code += "processes = Processes(Path(sys.argv[1]))\n"
    code += "child = processes.start('x', [sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    code += "print(child.process.pid, flush=True)\n"
    code += "time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert is_running(child)
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    wait_for(lambda: not is_running(child))
