"""Which tests run in one process when several run side by side (`pytest -n 2`)."""

from __future__ import annotations

from typing import Any

import pytest

#: Folders whose tests share nothing that is costly to make: each of their tests goes where there is room.
SPREAD = ("infra", "ingest")
#: Folders whose files share nothing that is costly to make.
BY_FILE = ("oracle",)


def group_of(nodeid: str) -> str:
    """What runs in one process: a folder, so that what its tests share (a server, a warehouse) is made once.

    >>> group_of("tests/api/test_rest.py::test_a"), group_of("tests/oracle/test_shown.py::test_b")
    ('tests/api', 'tests/oracle/test_shown.py')
    """
    file, _, _ = nodeid.partition("::")
    parts = file.split("/")
    if parts[1] in SPREAD:
        return nodeid
    return file if parts[1] in BY_FILE else "/".join(parts[:2])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Group by the tests' own places: xdist 3.8 writes its groups where pytest 9.2 does not look for them."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPlace(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByPlace(config, log)
