"""What Python models read and give back, whatever the engine calls its columns."""

import typing as t

import pandas as pd


def read(context: t.Any, query: str) -> pd.DataFrame:
    """The rows of a query, its columns named in small letters: Snowflake gives them in capitals."""
    return context.fetchdf(query, quote_identifiers=False).rename(columns=str.lower)


def named_for(engine: t.Any, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its columns named as the engine of that adapter keeps unquoted names: Snowflake in capitals.

    SQLMesh picks a frame's columns by the letter there. PostgreSQL keeps small letters; DuckDB does not mind.
    """
    return frame.rename(columns=str.upper) if engine.dialect == "snowflake" else frame
