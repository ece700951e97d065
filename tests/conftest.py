"""Which tests run in one process when several run side by side (`--dist loadgroup`)."""

from __future__ import annotations

import pytest

from tests.shared import ROOT

#: Folders whose tests share nothing that is costly to make: each of their tests goes where there is room.
SPREAD = ("infra", "ingest", "oracle")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a folder together, so that what its tests share is made once: a server, a built warehouse, a project.

    Tests without a group would be dealt out one by one, and every process would make everything.
    """
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder not in SPREAD and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(folder))
