"""Source systems into `raw.*`. One file a source; knows nothing of later stages.

    report = ingest.run(sources_file, warehouse_file, state_dir)

`ingest.contract` says which tables and columns are promised, `ingest.errors` what can go wrong.
"""

from typing import Any

from ingest.errors import IngestError, LockedError, SchemaChangedError, SourcesFileError

__all__ = ["IngestError", "LockedError", "SchemaChangedError", "SourcesFileError", "run"]


def __getattr__(name: str) -> Any:
    # `run` brings dlt, which takes a second to import; who only reads the promise should not wait for it.
    if name == "run":
        from ingest.runner import run

        return run
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
