"""What ingestion raises.

IngestError                a source could not be loaded; names it
├── SourcesFileError       the sources file is wrong: the user's mistake, every problem at once
├── SchemaChangedError     a vendor sends another type than the one promised
└── LockedError            another run holds the warehouse
"""

from collections.abc import Sequence


class IngestError(Exception):
    """A source could not be loaded. `source` is its name; the message never holds a secret."""

    code = "ingest_failed"

    def __init__(self, source: str, message: str) -> None:
        super().__init__(f"{source}: {message}" if source else message)
        self.source = source
        self.message = message


class SourcesFileError(IngestError):
    """The sources file cannot be used; `problems` lists all that is wrong with it."""

    code = "bad_sources_file"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("", "\n".join(problems))
        self.problems = tuple(problems)


class SchemaChangedError(IngestError):
    """A column arrived that cannot be read as its promised type."""

    code = "schema_changed"


class LockedError(IngestError):
    """Another run is loading the same warehouse."""

    code = "locked"

    def __init__(self, message: str) -> None:
        super().__init__("", message)
