"""Arrow IPC streams, for data frames and for the dashboards' driver."""

from __future__ import annotations

import pyarrow as pa

MEDIA_TYPE = "application/vnd.apache.arrow.stream"


def write_arrow(table: pa.Table) -> bytes:
    """One table as an IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()
