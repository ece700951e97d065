"""What ingestion raises.

IngestError                a source could not be loaded; names it
├── SourcesFileError       the sources file is wrong: the user's mistake, every problem at once
├── SchemaChangedError     a vendor sends another type than the one promised
└── LockedError            another run holds the warehouse
"""

import logging
from collections.abc import Sequence

from ingest.secrecy import without_secrets

MOST_WORDS = 300  # characters of an error that is not ours


class IngestError(Exception):
    """A source could not be loaded. `source` is its name; the message never holds a secret."""

    code = "ingest_failed"

    def __init__(self, source: str, message: str) -> None:
        message = without_secrets(message)
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


def as_ingest_error(source: str, error: BaseException) -> IngestError:
    """The IngestError below what `error` wraps, or a new one that says what kind of error it was."""
    found: BaseException | None = error
    root = error
    while found is not None:
        if isinstance(found, IngestError):
            return found
        root = found
        found = found.__cause__ or found.__context__
    logging.getLogger(__name__).debug("load of %s failed", source, exc_info=error)
    if isinstance(root, KeyError):
        return IngestError(source, f"an answer lacks the field {root.args[0]!r}, which was always there")
    told = str(root).splitlines()[0][:MOST_WORDS] if str(root) else ""
    if isinstance(root, TypeError | AttributeError | IndexError):
        return IngestError(source, f"an answer has another shape than the vendor documents: {told}")
    return IngestError(source, f"{type(root).__name__}: {told}")
