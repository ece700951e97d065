"""The layout of TOUCHSTONE_HOME: where each thing that is written lives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The paths below one TOUCHSTONE_HOME; nothing is created by asking for them."""

    root: Path

    @property
    def warehouse_file(self) -> Path:
        """The file that ingestion and SQLMesh write; its stem is the catalog name `warehouse`."""
        return self.root / "warehouse" / "warehouse.duckdb"

    @property
    def ingest_state(self) -> Path:
        """Where ingestion keeps its cursors."""
        return self.root / "state" / "ingest"

    @property
    def serving(self) -> Path:
        """One folder a published version, and the pointer."""
        return self.root / "serving"

    @property
    def pointer(self) -> Path:
        """The file that names the version in force; replaced atomically."""
        return self.serving / "current.json"

    @property
    def closed(self) -> Path:
        """What was reported of each closed month; only ever added to."""
        return self.root / "closed"

    @property
    def lock_file(self) -> Path:
        """Held by the one process that may write the warehouse."""
        return self.root / "state" / "refresh.lock"

    @property
    def incidents_file(self) -> Path:
        """What is known of sources and refreshes, the incidents, and who was told of them."""
        return self.root / "state" / "incidents.sqlite"

    @property
    def delivery_lock(self) -> Path:
        """Held by the one process that is telling people."""
        return self.root / "state" / "incidents.lock"

    @property
    def logs(self) -> Path:
        """One log file a process."""
        return self.root / "logs"
