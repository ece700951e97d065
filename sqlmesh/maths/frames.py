"""What Python models give back, named as the engine names it."""

import typing as t

import pandas as pd


def named_for(engine: t.Any, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its columns named as the engine of that adapter keeps unquoted names: Snowflake in capitals.

    SQLMesh picks a frame's columns by the letter there. PostgreSQL keeps small letters; DuckDB does not mind.
    """
    return frame.rename(columns=str.upper) if engine.dialect == "snowflake" else frame
